package dev.hearken

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import java.nio.file.Path

/** The folder of the vectors, in the checkout. */
internal val vectors: Path = Path.of(System.getProperty("hearken.vectors"))

/** One campaign, `cart-reminder`, on `cart_updated` with at least one item. */
internal val slice: Playbook = Playbook.file(vectors.resolve("playbooks/slice.json"))

internal val json = ObjectMapper()

internal fun parse(text: String): JsonNode = json.readTree(text)

/** Everything that is recorded and not acknowledged yet. */
internal suspend fun Hearken.exported(): List<JsonNode> =
    export().toList().flatMap { batch -> batch.records }.map(::parse)

internal fun List<JsonNode>.types(): List<String> = map { it["type"].asText() }

/** Opens on a file, and waits for it. */
internal suspend fun openOn(
    store: Path?,
    playbook: Playbook = slice,
): Hearken = Hearken.open(store, playbook, Consent.all()).also { it.awaitReady() }

internal suspend fun Hearken.offer(): Presentation = presentations.first()
