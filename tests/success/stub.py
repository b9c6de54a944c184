"""Three metrics of presets/success.yaml as SQL, written by hand.

The harness is tested with them: that each engine loads the rows, runs several statements, orders text by its bytes and
gives integers that equal the oracle's, and that a wrong one is noticed.
"""

from document import DAY

METRICS = ["sessions", "visitor_growth", "social_actions"]
BYTES = {"postgres": ' COLLATE "C"'}  # everywhere else text is ordered by its bytes


def sql(dialect, as_of):
    """`as_of` is a midnight of UTC."""
    bytes = BYTES.get(dialect, "")
    merged = "m.user_id IS NOT NULL AND m.user_id <> ''"  # an unmatched column is empty on ClickHouse
    view = "TEMP VIEW" if dialect == "spark" else "VIEW"
    start, before = as_of - 30 * DAY, as_of - 60 * DAY
    return f"""
-- What counts of the table; one row of each id; whose it is.
CREATE {view} staging AS
WITH accepted AS (
  SELECT id, event, ts, offset_min, profile, user_id, properties,
    ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts, event{bytes}, properties{bytes}, user_id{bytes} NULLS FIRST,
      profile{bytes} NULLS FIRST, offset_min) AS copy
  FROM events
  WHERE id <> '' AND event <> '' AND (user_id IS NULL OR user_id <> '') AND ts >= 0 AND ts < {min(as_of, 2**43)}
    AND offset_min >= -1080 AND offset_min <= 1080 AND NOT COALESCE(late, FALSE)
), named AS (
  SELECT profile, user_id, ROW_NUMBER() OVER (PARTITION BY profile ORDER BY ts, id{bytes}) AS nth
  FROM accepted WHERE copy = 1 AND event = '$identify' AND user_id IS NOT NULL AND properties LIKE '%"merged":true%'
)
SELECT CASE WHEN e.user_id IS NOT NULL THEN 'u:' || e.user_id WHEN {merged} THEN 'u:' || m.user_id ELSE 'p:' || e.profile END AS user_key,
  e.event AS event, e.ts AS ts, e.id AS id
FROM accepted e LEFT JOIN (SELECT profile, user_id FROM named WHERE nth = 1) m ON m.profile = e.profile
WHERE e.copy = 1;

SELECT 'sessions' AS metric, user_key, '' AS grp, COUNT(*) AS num, 0 AS den
FROM staging WHERE event = '$session_start' AND ts >= {start} GROUP BY user_key;

CREATE {view} visits AS
SELECT user_key, ts FROM staging WHERE event IN ('$session_start', '$screen') AND ts >= {before};

SELECT 'visitor_growth' AS metric, user_key, '' AS grp, MAX(CASE WHEN ts >= {start} THEN 1 ELSE 0 END) AS num,
  MAX(CASE WHEN ts < {start} THEN 1 ELSE 0 END) AS den
FROM visits GROUP BY user_key;

SELECT 'social_actions' AS metric, user_key, event AS grp, COUNT(*) AS num, 0 AS den
FROM staging WHERE event IN ('liked', 'shared') AND ts >= {start} GROUP BY user_key, event;
"""
