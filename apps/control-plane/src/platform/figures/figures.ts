import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Jobs } from '../jobs/jobs.js';

/**
 * What Prometheus reads at /metrics. Rooms add their own to `registry`, with the prefix `flotilla_` and never a label
 * that a tenant can choose the values of.
 */
@Injectable()
export class Figures {
  readonly registry = new Registry();
  private readonly requests: Histogram<'method' | 'route' | 'status'>;

  constructor(jobs: Jobs, db: Db) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.requests = new Histogram({
      name: 'flotilla_http_request_duration_seconds',
      help: 'Time from the first byte of a request to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    });
    this.pools(db);
    const perJob = { labelNames: ['job'] as const, registers };
    const runs = new Counter({ name: 'flotilla_job_runs_total', help: 'Runs of a job in this replica', ...perJob });
    const failures = new Counter({ name: 'flotilla_job_failures_total', help: 'Runs of a job that failed', ...perJob });
    new Gauge({
      name: 'flotilla_job_last_duration_seconds',
      help: 'Duration of the last run of a job',
      ...perJob,
      collect() {
        for (const [job, figures] of jobs.figures) {
          if (figures.lastDurationMs !== null) this.set({ job }, figures.lastDurationMs / 1000);
          runs.remove({ job });
          failures.remove({ job });
          runs.inc({ job }, figures.runs);
          failures.inc({ job }, figures.failures);
        }
      },
    });
  }

  private pools(db: Db): void {
    const registers = [this.registry];
    new Gauge({
      name: 'flotilla_db_pool_waiting',
      help: 'Transactions that wait for a connection',
      labelNames: ['pool'],
      registers,
      collect() {
        for (const { pool, waiting } of db.pools()) this.set({ pool }, waiting);
      },
    });
    new Gauge({
      name: 'flotilla_db_pool_connections',
      help: 'Connections to PostgreSQL by state; limit is the most there can be',
      labelNames: ['pool', 'state'],
      registers,
      collect() {
        for (const { pool, total, idle, limit } of db.pools()) {
          this.set({ pool, state: 'lent' }, total - idle);
          this.set({ pool, state: 'idle' }, idle);
          this.set({ pool, state: 'limit' }, limit);
        }
      },
    });
  }

  /** @param route the declared path, never the one that came: made-up paths must not become time series */
  request(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
  }
}
