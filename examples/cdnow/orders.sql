-- The metrics of success.yaml, written by hand for DuckDB, each as whole numbers: sum(num), sum(den).
CREATE TABLE orders AS
SELECT row_number() OVER () AS line, customer, day, cents,
  row_number() OVER (PARTITION BY customer ORDER BY day, line) AS nth
FROM (
  SELECT row_number() OVER () AS line, fields[1] AS customer,
    epoch_ms(strptime(fields[2], '%Y%m%d')) // 86400000 AS day,
    CAST(CAST(fields[4] AS DECIMAL(10, 2)) * 100 AS BIGINT) AS cents
  FROM (SELECT regexp_split_to_array(trim(content), '\s+') AS fields FROM lines)
);
CREATE TABLE customers AS
SELECT customer, min(day) AS first_day, max(day) AS last_day, count(*) AS orders, count(DISTINCT day) AS days,
  count(*) FILTER (day >= $as_of - 365) AS orders_365d,
  coalesce(sum(cents) FILTER (day >= $as_of - 365), 0) AS cents_365d
FROM orders WHERE day < $as_of GROUP BY customer;
CREATE TABLE after_first AS
SELECT c.customer, count(*) FILTER (o.day < c.first_day + 30) AS orders_30d,
  coalesce(sum(o.cents) FILTER (o.day < c.first_day + 365), 0) AS cents_365d
FROM customers c JOIN orders o USING (customer) WHERE o.day < $as_of GROUP BY c.customer;
CREATE TABLE metrics AS
SELECT 'purchase_frequency' AS metric, sum(orders_365d) AS num, count(*) FILTER (orders_365d > 0) AS den FROM customers
UNION ALL SELECT 'purchase_frequency_ever', sum(orders_365d), count(*) FROM customers
UNION ALL SELECT 'purchase_frequency_life', sum(orders), count(*) FROM customers
UNION ALL SELECT 'repeat_rate', count(*) FILTER (orders >= 2), count(*) FROM customers
UNION ALL SELECT 'repeat_rate_days', count(*) FILTER (days >= 2), count(*) FROM customers
UNION ALL SELECT 'repeat_rate_365d', count(*) FILTER (orders_365d >= 2), count(*) FILTER (orders_365d > 0) FROM customers
UNION ALL SELECT 'repeat_30d', count(*) FILTER (a.orders_30d >= 2), count(*)
  FROM after_first a JOIN customers c USING (customer) WHERE c.first_day + 30 < $as_of
UNION ALL SELECT 'aov', sum(cents_365d), sum(orders_365d) FROM customers
UNION ALL SELECT 'revenue_per_buyer', sum(cents_365d), count(*) FILTER (orders_365d > 0) FROM customers
UNION ALL SELECT 'ltv_365d', sum(a.cents_365d), count(*)
  FROM after_first a JOIN customers c USING (customer) WHERE c.first_day + 365 < $as_of
UNION ALL SELECT 'life', sum((last_day - first_day) * 86400000), count(*) FROM customers;
