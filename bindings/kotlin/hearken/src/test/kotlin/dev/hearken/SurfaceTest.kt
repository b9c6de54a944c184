package dev.hearken

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.lang.reflect.Executable
import java.lang.reflect.Modifier
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension

/** An app sees this package's own types, and never the generated ones. */
class SurfaceTest {
    /** Kotlin's `internal` is public to the JVM, with a name that says so. */
    private fun isInternal(name: String) = '$' in name

    private fun classes(): List<Class<*>> {
        val root =
            Path.of(
                Hearken::class.java.protectionDomain.codeSource.location
                    .toURI(),
            )
        val files = Files.walk(root).use { files -> files.filter { it.extension == "class" }.toList() }
        val names =
            files.map {
                root
                    .relativize(it)
                    .toString()
                    .removeSuffix(".class")
                    .replace('/', '.')
            }
        return names.map { Class.forName(it, false, javaClass.classLoader) }
    }

    @Test
    fun `no public signature names a generated type`() {
        val visible =
            classes().filter {
                Modifier.isPublic(
                    it.modifiers,
                ) && ".internal" !in it.name && it.simpleName != "Options"
            }
        assertTrue(visible.size > 20, "$visible")
        val members: List<Executable> = visible.flatMap { it.declaredMethods.toList() }
        val leaks =
            members
                .filter { Modifier.isPublic(it.modifiers) && !isInternal(it.name) && !it.isSynthetic }
                .filter { member ->
                    (
                        member.genericParameterTypes.toList() +
                            (member as java.lang.reflect.Method).genericReturnType
                    ).any { "dev.hearken.generated" in it.typeName }
                }
        assertEquals(emptyList<Executable>(), leaks)
    }
}
