package dev.hearken

import kotlin.time.Duration

/**
 * Who is there now, as a preference centre shows it.
 *
 * @property profile the profile's id; null before anything is recorded
 * @property user the id that the app identified the person by
 * @property consent what the person agreed to: `hearken.setConsent(person.consent.copy(messaging = false))` turns one switch
 * @property attributes the attributes that are set
 */
public data class Person(
    val profile: String?,
    val user: String?,
    val consent: Consent,
    val attributes: Map<String, Any?>,
)

/**
 * What the playbook in force asks of whoever draws its messages.
 *
 * @property theme how messages look: the playbook's `theme`
 * @property impression how long a message has to be seen before [Drawn.visible] is said
 */
public data class Needs(
    val theme: Map<String, Any?>?,
    val impression: Duration,
)
