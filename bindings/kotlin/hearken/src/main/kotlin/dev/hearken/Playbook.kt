package dev.hearken

import dev.hearken.internal.wellFormed
import java.nio.file.Files
import java.nio.file.Path

/**
 * A playbook: the one JSON document that an app loads. It is read off the caller's thread, when a client opens.
 */
public class Playbook internal constructor(
    private val place: String,
    internal val signature: ByteArray? = null,
    private val source: () -> String?,
) {
    /**
     * The same playbook with its detached Ed25519 signature: 64 bytes, for a client that asks for one.
     *
     * @param signature of the document's bytes
     */
    public fun signed(signature: ByteArray): Playbook = Playbook(place, signature.copyOf(), source)

    /** The document; waits for the disk. */
    internal fun read(): String {
        val text =
            try {
                source()
            } catch (error: Exception) {
                throw HearkenException.InvalidPlaybook(place, "cannot be read: $error", error)
            }
        return text?.wellFormed() ?: throw HearkenException.InvalidPlaybook(place, "is not there", null)
    }

    /** Where it comes from. */
    override fun toString(): String = "Playbook($place)"

    /** Where playbooks come from. */
    public companion object {
        /** The JSON document itself. */
        @JvmStatic
        public fun text(json: String): Playbook = Playbook("text") { json }

        /** A UTF-8 file. */
        @JvmStatic
        public fun file(path: Path): Playbook =
            Playbook(path.toString()) { String(Files.readAllBytes(path), Charsets.UTF_8) }

        /** A UTF-8 resource on the class path, as `playbook.json` or `shop/playbook.json`. */
        @JvmStatic
        @JvmOverloads
        public fun resource(
            name: String,
            loader: ClassLoader? = Thread.currentThread().contextClassLoader,
        ): Playbook =
            Playbook(name) {
                val stream =
                    loader?.getResourceAsStream(name) ?: Playbook::class.java.classLoader?.getResourceAsStream(name)
                stream?.use { String(it.readBytes(), Charsets.UTF_8) }
            }
    }
}
