package dev.hearken.internal

/** UTF-16 that stands for Unicode text: lone surrogates become U+FFFD, as everywhere in Hearken (engine.md 1.6). */
internal fun String.wellFormed(): String {
    if (indices.none { isLoneSurrogate(it) }) return this
    return String(CharArray(length) { if (isLoneSurrogate(it)) '\uFFFD' else this[it] })
}

private fun String.isLoneSurrogate(at: Int): Boolean {
    val char = this[at]
    return when {
        char.isHighSurrogate() -> at + 1 == length || !this[at + 1].isLowSurrogate()
        char.isLowSurrogate() -> at == 0 || !this[at - 1].isHighSurrogate()
        else -> false
    }
}
