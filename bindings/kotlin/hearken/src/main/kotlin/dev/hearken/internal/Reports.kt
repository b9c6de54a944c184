package dev.hearken.internal

import dev.hearken.Metric
import dev.hearken.SuccessReport
import java.time.Instant
import dev.hearken.generated.GroupReport as GeneratedGroup
import dev.hearken.generated.MetricReport as GeneratedMetric
import dev.hearken.generated.SuccessReport as GeneratedReport

internal fun GeneratedReport.toReport() =
    SuccessReport(
        definition = definition,
        version = version?.toInt(),
        at = Instant.ofEpochMilli(atMs),
        currency = currency,
        digits = digits?.toInt(),
        metrics = metrics.map { it.toMetric() },
    )

private fun GeneratedMetric.toMetric() =
    Metric(
        name = metric,
        title = title,
        fingerprint = fingerprint,
        kind = Metric.Kind.valueOf(kind.uppercase()),
        asOf = Instant.ofEpochMilli(asOfMs),
        isLive = live,
        num = num,
        den = den,
        value = value,
        groups = groups.map { it.toGroup() },
        goal = goal?.let { Metric.GoalStatus.valueOf(it.uppercase()) },
        role = role?.let { Metric.Role.valueOf(it.uppercase()) },
        unavailable = unavailable?.let { Metric.Unavailable.valueOf(it.uppercase()) },
    )

private fun GeneratedGroup.toGroup() = Metric.Group(name = group, num = num, den = den, value = value)
