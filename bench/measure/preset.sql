-- The metrics of presets/success.yaml, written by hand for DuckDB: sums of whole numbers, by group where there is one.
-- $file, $as_of (a midnight) and the like are filled in by duck.py; D is a day.
CREATE MACRO d(n) AS n * CAST(86400000 AS BIGINT);
-- Rows that count: one of each id, the least of conflicting ones, and whose each is.
CREATE TEMP TABLE raw AS
SELECT id, ts, type, profile, "user", session, "offset", merged, order_id, revenue_minor, test, refund_id, amount_minor, score,
  sentiment, delivery_id, presentation_id, channel, ticket_id
FROM read_parquet($file)
WHERE id <> '' AND type <> '' AND ts >= 0 AND ts < $as_of AND NOT coalesce(late, false) AND coalesce("user", profile) <> '';
CREATE TEMP TABLE twice AS SELECT id FROM raw GROUP BY id HAVING count(*) > 1;
CREATE TEMP TABLE named AS
SELECT profile, arg_min("user", (ts, id)) AS merged_user FROM raw
WHERE type = '$identify' AND merged AND "user" IS NOT NULL AND profile IS NOT NULL GROUP BY profile;
CREATE TEMP TABLE e AS
SELECT coalesce('u:' || "user", 'u:' || merged_user, 'p:' || raw.profile) AS u, raw.* EXCLUDE (profile, "user", merged)
FROM (
  SELECT * FROM raw ANTI JOIN twice USING (id)
  UNION ALL
  SELECT * FROM raw SEMI JOIN twice USING (id)
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY ts, type, "user" NULLS FIRST, profile NULLS FIRST, "offset") = 1
) raw LEFT JOIN named ON raw."user" IS NULL AND raw.profile = named.profile;
-- Facts with a key: once within the horizon.
CREATE TEMP TABLE purchase AS
SELECT u, ts, id, revenue_minor AS v FROM e
WHERE type = 'order_completed' AND test IS DISTINCT FROM true AND revenue_minor BETWEEN 0 AND 100000000
QUALIFY order_id IS NULL OR coalesce(ts - lag(ts) OVER (PARTITION BY u, order_id ORDER BY ts, id) >= d(400), true);
CREATE TEMP TABLE refund AS
SELECT u, ts, id, amount_minor AS v FROM e WHERE type = 'order_refunded' AND amount_minor BETWEEN 0 AND 100000000
QUALIFY refund_id IS NULL OR coalesce(ts - lag(ts) OVER (PARTITION BY u, refund_id ORDER BY ts, id) >= d(400), true);
CREATE TEMP TABLE signup AS
SELECT u, min(ts) AS ts, arg_min(id, (ts, id)) AS id, arg_min("offset", (ts, id)) AS off FROM e WHERE type = 'account_created' GROUP BY u;
CREATE TEMP TABLE first_buy AS SELECT u, min(ts) AS ts, arg_min(id, (ts, id)) AS id FROM purchase GROUP BY u;
-- One row of each user: everything that a window counts.
CREATE TEMP TABLE person AS
SELECT u,
  count(*) FILTER (active) > 0 AS active, count(*) FILTER (active AND ts >= $as_of - d(30)) AS active_30,
  count(*) FILTER (active AND ts >= $as_of - d(60) AND ts < $as_of - d(30)) > 0 AS active_60,
  count(*) FILTER (active AND ts >= $as_of - d(365)) > 0 AS active_365,
  max(ts) FILTER (active) - min(ts) FILTER (active) AS life,
  count(DISTINCT ts // 86400000) FILTER (active AND ts >= $as_of - d(30)) AS days_30,
  count(DISTINCT session) FILTER (active AND session <> '' AND ts >= $as_of - d(30)) AS visits_30,
  count(*) FILTER (type = '$screen' AND ts >= $as_of - d(30)) AS pages_30,
  count(*) FILTER (type = '$session_start' AND ts >= $as_of - d(30)) AS sessions_30,
  count(*) FILTER (type = 'nps_answered' AND ts >= $as_of - d(90)) AS any_nps,
  sum(sentiment) FILTER (type = 'feedback' AND sentiment BETWEEN -100 AND 100 AND ts >= $as_of - d(30)) AS mood,
  count(*) FILTER (type = 'feedback' AND sentiment BETWEEN -100 AND 100 AND ts >= $as_of - d(30)) AS moods,
  arg_max(score, (ts, id)) FILTER (type = 'nps_answered' AND score BETWEEN 0 AND 10 AND ts >= $as_of - d(90)) AS nps
FROM (SELECT *, type IN ('$session_start', '$screen') AS active FROM e) GROUP BY u;
CREATE TEMP TABLE buyer AS
SELECT u, count(*) FILTER (ts >= $as_of - d(30)) AS n_30, coalesce(sum(v) FILTER (ts >= $as_of - d(30)), 0) AS v_30,
  count(*) FILTER (ts >= $as_of - d(365)) AS n_365, coalesce(sum(v) FILTER (ts >= $as_of - d(365)), 0) AS v_365,
  count(DISTINCT ts // 86400000) FILTER (ts >= $as_of - d(365)) AS days_365, sum(v) AS v
FROM purchase GROUP BY u;
-- What followed each anchor, in the order of (ts, id). $following(..) is in duck.py: for each anchor of a window, after how
-- long the first event came that has its key.
CREATE TEMP TABLE conversion AS
SELECT a.ts, least_next - a.ts AS waited FROM (
  SELECT kind, ts, first_value(CASE WHEN kind THEN ts END IGNORE NULLS)
    OVER (PARTITION BY u ORDER BY ts, id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS least_next
  FROM (SELECT u, ts, id, false AS kind FROM e WHERE type = '$session_start' AND ts >= $as_of - d(31)
    UNION ALL SELECT u, ts, id, true FROM purchase WHERE ts >= $as_of - d(31))
) a WHERE NOT kind AND ts < $as_of - d(1);
CREATE TEMP TABLE delivered AS
SELECT u, ts, id, delivery_id AS k, channel FROM e WHERE type = '$delivered'
QUALIFY delivery_id IS NULL OR coalesce(ts - lag(ts) OVER (PARTITION BY u, delivery_id ORDER BY ts, id) >= d(45), true);
CREATE TEMP TABLE shown AS
SELECT u, ts, id, presentation_id AS k, NULL AS channel FROM e WHERE type = '$shown'
QUALIFY presentation_id IS NULL OR coalesce(ts - lag(ts) OVER (PARTITION BY u, presentation_id ORDER BY ts, id) >= d(45), true);
CREATE TEMP TABLE ticket AS
SELECT u, ts, id, ticket_id AS k, NULL AS channel FROM e WHERE type = 'ticket_opened'
QUALIFY ticket_id IS NULL OR coalesce(ts - lag(ts) OVER (PARTITION BY u, ticket_id ORDER BY ts, id) >= d(45), true);
CREATE TEMP TABLE opened AS $following(delivered, '$opened', delivery_id, d(7), d(30));
CREATE TEMP TABLE clicked AS $following(shown, '$clicked', presentation_id, d(1), d(30));
CREATE TEMP TABLE replied AS $following(ticket, 'agent_replied', ticket_id, d(14), d(30));
CREATE TEMP TABLE solved AS $following(ticket, 'ticket_solved', ticket_id, d(30), d(30));
-- What is counted from each user's own start on.
CREATE TEMP TABLE mature AS SELECT * FROM signup WHERE ts + d(7) < $as_of;
CREATE TEMP TABLE started AS
SELECT s.u, count(*) FILTER (k.id IS NOT NULL) AS keys FROM mature s
LEFT JOIN (SELECT u, ts, id FROM e WHERE type = 'project_created') k
  ON k.u = s.u AND (k.ts > s.ts OR k.ts = s.ts AND k.id >= s.id) AND k.ts < s.ts + d(7) GROUP BY s.u;
CREATE TEMP TABLE retained AS
SELECT s.u, count(*) FILTER (a.ts >= first_day + d(30)) > 0 AS d30, count(a.ts) > 0 AS d1_30 FROM (
  SELECT u, ((ts + off * 60000) // 86400000) * 86400000 - off * 60000 AS first_day FROM signup WHERE ts + d(31) < $as_of
) s LEFT JOIN (SELECT u, ts FROM e WHERE type IN ('$session_start', '$screen')) a
  ON a.u = s.u AND a.ts >= first_day + d(1) AND a.ts < first_day + d(31) GROUP BY s.u;
CREATE TEMP TABLE value_365 AS
SELECT s.u, coalesce(sum(m.v), 0) AS v FROM (SELECT * FROM signup WHERE ts + d(365) < $as_of) s
LEFT JOIN (SELECT u, ts, id, v FROM purchase UNION ALL SELECT u, ts, id, -v FROM refund) m
  ON m.u = s.u AND (m.ts > s.ts OR m.ts = s.ts AND m.id >= s.id) AND m.ts < s.ts + d(365) GROUP BY s.u;
CREATE TEMP TABLE again AS
SELECT f.u, count(*) AS n FROM (SELECT * FROM first_buy WHERE ts + d(30) < $as_of) f
JOIN purchase p ON p.u = f.u AND (p.ts > f.ts OR p.ts = f.ts AND p.id >= f.id) AND p.ts < f.ts + d(30) GROUP BY f.u;
CREATE OR REPLACE TABLE metrics AS
WITH p AS (SELECT person.*, coalesce(n_30, 0) AS n_30, coalesce(v_30, 0) AS v_30, coalesce(n_365, 0) AS n_365,
  coalesce(v_365, 0) AS v_365, coalesce(days_365, 0) AS days_365, n_365 IS NOT NULL AS bought, coalesce(v, 0) AS v
  FROM person LEFT JOIN buyer USING (u)),
s AS (SELECT
  sum(v_30) AS v_30, sum(n_30) AS n_30, sum(n_365) AS n_365, count(*) FILTER (n_365 > 0) AS b_365, sum(v_365) AS v_365,
  count(*) FILTER (active_365) AS a_365, count(*) FILTER (bought) AS b, count(*) FILTER (n_365 > 1) AS r_365,
  count(*) FILTER (days_365 > 1) AS rd_365, count(*) FILTER (n_30 > 0) AS b_30, count(*) FILTER (active_30 > 0) AS a_30,
  sum(v) AS v, sum(life) AS life, count(*) FILTER (active) AS a, count(*) FILTER (active_60) AS a_60,
  count(*) FILTER (active_60 AND active_30 = 0) AS gone, sum(sessions_30) AS sessions, sum(pages_30) AS pages,
  sum(visits_30) AS visits, sum(days_30) AS days, count(*) FILTER (nps >= 9) - count(*) FILTER (nps <= 6) AS nps,
  count(nps) AS answers, sum(mood) AS mood, sum(moods) AS moods FROM p),
r AS (SELECT sum(v) AS v FROM refund),
t AS (SELECT count(*) AS n, count(waited) AS reached, sum(waited) AS elapsed, count(*) FILTER (waited < 300000) AS m5,
  count(*) FILTER (waited < 900000) AS m15, count(*) FILTER (waited < 3600000) AS h1,
  count(*) FILTER (waited < 14400000) AS h4, count(*) FILTER (waited < 86400000) AS d1 FROM replied)
SELECT 'activation' AS metric, NULL AS grp, count(*) FILTER (keys >= 2) AS num, count(*) AS den FROM started
UNION ALL SELECT 'conversion_rate', NULL, count(*) FILTER (waited < d(1)), count(*) FROM conversion
UNION ALL SELECT 'aov', NULL, v_30, n_30 FROM s
UNION ALL SELECT 'purchase_frequency', NULL, n_365, b_365 FROM s
UNION ALL SELECT 'purchase_frequency_active', NULL, n_365, a_365 FROM s
UNION ALL SELECT 'purchase_frequency_ever', NULL, n_365, b FROM s
UNION ALL SELECT 'repeat_rate', NULL, r_365, b_365 FROM s
UNION ALL SELECT 'repeat_rate_days', NULL, rd_365, b_365 FROM s
UNION ALL SELECT 'repeat_30d', NULL, count(*) FILTER (n >= 2), count(*) FROM again
UNION ALL SELECT 'revenue_per_buyer', NULL, v_365, b_365 FROM s
UNION ALL SELECT 'buyers', NULL, b_30, NULL FROM s
UNION ALL SELECT 'purchases_per_user', NULL, n_30, a_30 FROM s
UNION ALL SELECT 'ltv_365d', NULL, sum(v), count(*) FROM value_365
UNION ALL SELECT 'ltv_to_date', NULL, s.v - r.v, b FROM s, r
UNION ALL SELECT 'user_lifetime', NULL, life, a FROM s
UNION ALL SELECT 'churn', NULL, gone, a_60 FROM s
UNION ALL SELECT 'expected_lifetime', NULL, a_60, gone FROM s
UNION ALL SELECT 'd30', NULL, count(*) FILTER (d30), count(*) FROM retained
UNION ALL SELECT 'retained_30d', NULL, count(*) FILTER (d1_30), count(*) FROM retained
UNION ALL SELECT 'sessions', NULL, sessions, NULL FROM s
UNION ALL SELECT 'pages_per_session', NULL, pages, visits FROM s
UNION ALL SELECT 'stickiness', NULL, days, a_30 * 30 FROM s
UNION ALL SELECT 'visitor_growth', NULL, a_30, a_60 FROM s
UNION ALL SELECT 'open_rate', coalesce(channel, '(absent)'), count(waited), count(*) FROM opened GROUP BY channel
UNION ALL SELECT 'click_through', NULL, count(waited), count(*) FROM clicked
UNION ALL SELECT 'nps', NULL, nps, answers FROM s
UNION ALL SELECT 'sentiment', NULL, mood, moods FROM s
UNION ALL SELECT 'response_time', NULL, elapsed, reached FROM t
UNION ALL SELECT 'response_time[5m]', NULL, m5, n FROM t
UNION ALL SELECT 'response_time[15m]', NULL, m15, n FROM t
UNION ALL SELECT 'response_time[1h]', NULL, h1, n FROM t
UNION ALL SELECT 'response_time[4h]', NULL, h4, n FROM t
UNION ALL SELECT 'response_time[1d]', NULL, d1, n FROM t
UNION ALL SELECT 'resolution_time', NULL, sum(waited), count(waited) FROM solved
UNION ALL SELECT 'solved_rate', NULL, count(waited), count(*) FROM solved
UNION ALL SELECT 'social_actions', type, count(*), NULL FROM e WHERE type IN ('liked', 'shared') AND ts >= $as_of - d(30) GROUP BY type;
