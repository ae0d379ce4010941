-- The role that Grafana reads with. It sees the guard's benchmark and, of the chat, when what was asked (masked) and
-- whether it was blocked: no answers, no contacts. May be run again, and has to be after an update that adds tables:
--
--   psql --set=password=… --file=assets/grafana/reader.sql postgresql://…
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana') THEN
    CREATE ROLE grafana LOGIN;
  END IF;
END
$$;
ALTER ROLE grafana WITH LOGIN PASSWORD :'password';
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '30s';
GRANT USAGE ON SCHEMA public TO grafana;
GRANT SELECT ON benchmark_runs, benchmark_scores, benchmark_llm_monitoring TO grafana;
GRANT SELECT (asked_at, blocked, reason, question) ON turns TO grafana;
