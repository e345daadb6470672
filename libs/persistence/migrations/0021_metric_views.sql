-- Up Migration

-- What a tenant may read of the metric tables. Owner-rights, security-barrier: the application has no grant on the tables
-- themselves, and no condition of a query is looked at before the tenant's. A shorter retention hides at once.

CREATE VIEW flotilla.my_gpu_minutes WITH (security_barrier) AS
  SELECT m.device_id, m.minute, m.interval_s, m.sample_count, m.metrics, m.stats, m.slots
  FROM flotilla.gpu_minutes m
  WHERE m.tenant_id = (SELECT flotilla.current_tenant())
    AND m.minute >= (SELECT now() - make_interval(days => r.raw_days) FROM flotilla.metric_retention r WHERE r.tenant_id = flotilla.current_tenant());

CREATE VIEW flotilla.my_gpu_days WITH (security_barrier) AS
  SELECT d.device_id, d.day, d.metric, d.hours, d.minutes
  FROM flotilla.gpu_days d
  WHERE d.tenant_id = (SELECT flotilla.current_tenant())
    AND d.day >= (SELECT (now() - make_interval(months => r.packed_months))::date FROM flotilla.metric_retention r WHERE r.tenant_id = flotilla.current_tenant());

CREATE VIEW flotilla.my_gpu_live WITH (security_barrier) AS
  SELECT l.device_id, l.at, l.metrics, l.readings
  FROM flotilla.gpu_live l
  WHERE l.tenant_id = (SELECT flotilla.current_tenant());

CREATE VIEW flotilla.my_gpu_activity WITH (security_barrier) AS
  SELECT a.device_id, a.last_minute, a.last_interval_s, a.gpu_utilization, a.memory_utilization, a.memory_used_mib, a.power_draw,
    a.levels, a.starts
  FROM flotilla.gpu_activity a
  WHERE a.tenant_id = (SELECT flotilla.current_tenant());

-- Every sample as a row, for people who want SQL. Always with device_id and a span of ts.
CREATE VIEW flotilla.my_gpu_samples WITH (security_barrier) AS
  SELECT m.device_id, m.minute, n.name AS metric, n.unit, m.minute + make_interval(secs => s.second) AS ts,
    m.slots[k.row][s.second + 1] AS value
  FROM flotilla.my_gpu_minutes m
  CROSS JOIN LATERAL unnest(m.metrics) WITH ORDINALITY AS k (metric, row)
  JOIN flotilla.metric_names n ON n.metric = k.metric
  CROSS JOIN LATERAL generate_series(0, 59) AS s (second)
  WHERE m.slots[k.row][s.second + 1] IS NOT NULL;

GRANT SELECT ON flotilla.my_gpu_minutes, flotilla.my_gpu_days, flotilla.my_gpu_live, flotilla.my_gpu_activity, flotilla.my_gpu_samples
  TO flotilla_app, flotilla_system;

-- Down Migration

DROP VIEW flotilla.my_gpu_samples, flotilla.my_gpu_activity, flotilla.my_gpu_live, flotilla.my_gpu_days, flotilla.my_gpu_minutes;
