package dev.hearken.internal

import dev.hearken.Verdict
import dev.hearken.generated.PropertyValue
import java.math.BigInteger

/** Nested deeper than this is a cycle, or nothing that the engine takes anyway. */
private const val DEPTH = 64

/** What an app handed over, converted and passed on; or the verdict on it. */
internal fun <T> converted(
    convert: () -> T,
    then: (T) -> Verdict,
): Verdict {
    val values =
        try {
            convert()
        } catch (refused: NotJson) {
            return Verdict.Rejected(refused.code, refused.message.orEmpty())
        } catch (thrown: Exception) {
            // A collection of the app, while it was read.
            return Verdict.Rejected("not_json", thrown.toString())
        }
    return then(values)
}

/** A value that has no place in JSON. */
internal class NotJson(
    val code: String,
    message: String,
) : Exception(message)

/** Properties by name; `path` is what their paths start with. */
internal fun properties(
    properties: Map<*, *>,
    path: String,
    depth: Int = 0,
): Map<String, PropertyValue> =
    properties.entries.associate { (key, value) ->
        val name = key as? String ?: throw NotJson("not_json", "`$path` has the key $key, which is no text")
        name.wellFormed() to propertyValue(value, "$path.$name", depth + 1)
    }

/** One value; `path` is where it stands. */
internal fun propertyValue(
    value: Any?,
    path: String,
    depth: Int = 0,
): PropertyValue {
    if (depth > DEPTH) throw NotJson("too_deep", "`$path` is nested deeper than $DEPTH levels")
    return when (value) {
        null -> PropertyValue.Null
        is Boolean -> PropertyValue.Bool(value)
        is Byte, is Short, is Int, is Long -> PropertyValue.Int((value as Number).toLong())
        is Float, is Double -> PropertyValue.Double((value as Number).toDouble())
        is BigInteger -> if (value.bitLength() < Long.SIZE_BITS) PropertyValue.Int(value.toLong()) else tooLarge(path)
        is CharSequence, is Char -> PropertyValue.Text(value.toString().wellFormed())
        is Map<*, *> -> PropertyValue.Object(properties(value, path, depth))
        is Iterable<*> -> list(value, path, depth)
        is Array<*> -> list(value.asList(), path, depth)
        is IntArray -> list(value.asList(), path, depth)
        is LongArray -> list(value.asList(), path, depth)
        is DoubleArray -> list(value.asList(), path, depth)
        is FloatArray -> list(value.asList(), path, depth)
        is BooleanArray -> list(value.asList(), path, depth)
        else -> throw NotJson("not_json", "`$path` is a ${value.javaClass.name}, which has no place in JSON")
    }
}

private fun list(
    values: Iterable<*>,
    path: String,
    depth: Int,
): PropertyValue =
    PropertyValue.Items(values.mapIndexed { place, value -> propertyValue(value, "$path.$place", depth + 1) })

/** Past what any plan allows: the core's own words for it. */
private fun tooLarge(path: String): Nothing =
    throw NotJson("number", "`$path` is a number that cannot be kept exactly: whole numbers up to 2^53 - 1")
