import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Log } from '../log/log.js';
import { JobClaims } from './job-claims.js';

export interface Job {
  /** Unique in the house: `metrics.pack-days`. */
  readonly name: string;
  /** Period in milliseconds; each wait is drawn from 90 to 110 % of it, so that replicas do not march in step. */
  readonly everyMs: number;
  /** true: once a period over all replicas. false: in each replica. */
  readonly exclusive: boolean;
  readonly run: () => Promise<void>;
}

export interface JobFigures {
  runs: number;
  failures: number;
  lastDurationMs: number | null;
  lastSuccessAt: Date | null;
}

/** A job that others hold is looked at again no later than this, so that a dead holder's work goes on soon. */
const LOOK_AGAIN_MS = 30_000;
const SHUTDOWN_WAIT_MS = 10_000;

/**
 * What runs on a timer. A failure is logged and counted and never ends the process; the next period tries again.
 * Runs begin when the application is up and end at shutdown, which waits for the run in progress.
 */
@Injectable()
export class Jobs implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly figures = new Map<string, JobFigures>();
  private readonly log: Log;
  private readonly jobs: Job[] = [];
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly running = new Set<Promise<void>>();
  private state: 'waiting' | 'up' | 'stopped' = 'waiting';

  constructor(
    private readonly claims: JobClaims,
    log: Log,
  ) {
    this.log = log.child('jobs');
  }

  /** @throws Error when the name is taken */
  every(job: Job): void {
    if (this.figures.has(job.name)) throw new Error(`two jobs are called ${job.name}`);
    this.figures.set(job.name, { runs: 0, failures: 0, lastDurationMs: null, lastSuccessAt: null });
    this.jobs.push(job);
    if (this.state === 'up') this.schedule(job);
  }

  onApplicationBootstrap(): void {
    this.state = 'up';
    for (const job of this.jobs) this.schedule(job);
  }

  async onApplicationShutdown(): Promise<void> {
    this.state = 'stopped';
    for (const timer of this.timers.values()) clearTimeout(timer);
    let limit: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => (limit = setTimeout(resolve, SHUTDOWN_WAIT_MS)));
    await Promise.race([Promise.allSettled([...this.running]), waited]);
    clearTimeout(limit);
  }

  /** Runs a job now, as its timer would; for tests and for an operator's command. */
  async runNow(name: string): Promise<void> {
    const job = this.jobs.find((one) => one.name === name);
    if (!job) throw new Error(`there is no job ${name}`);
    await this.execute(job);
  }

  private schedule(job: Job): void {
    if (this.state !== 'up') return;
    const period = job.exclusive ? Math.min(job.everyMs, LOOK_AGAIN_MS) : job.everyMs;
    const timer = setTimeout(
      () => {
        const run = this.turn(job).finally(() => {
          this.running.delete(run);
          this.schedule(job);
        });
        this.running.add(run);
      },
      period * (0.9 + Math.random() * 0.2),
    );
    timer.unref();
    this.timers.set(job.name, timer);
  }

  private async turn(job: Job): Promise<void> {
    if (!job.exclusive) return this.execute(job);
    try {
      await this.claims.once(job.name, job.everyMs, () => this.execute(job));
    } catch (error) {
      this.log.warn({ err: error, job: job.name }, 'a job could not be claimed; it is tried again');
    }
  }

  private async execute(job: Job): Promise<void> {
    const figures = this.figures.get(job.name)!;
    const started = performance.now();
    figures.runs++;
    try {
      await job.run();
      figures.lastSuccessAt = new Date();
    } catch (error) {
      figures.failures++;
      this.log.error({ err: error, job: job.name }, 'a job failed; its next period tries again');
    } finally {
      figures.lastDurationMs = performance.now() - started;
    }
  }
}
