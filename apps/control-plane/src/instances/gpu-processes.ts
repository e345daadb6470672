import { Injectable } from '@nestjs/common';
import { Db, systemActor } from '@flotilla/persistence';

/** A process that uses a GPU (proto `GpuProcess`). */
export interface GpuProcess {
  /** GPU or MIG uuid. */
  readonly device: string;
  readonly pid: number;
  readonly name: string;
  /** C (compute), G (graphics), C+G; empty when the driver does not tell. */
  readonly type: string;
  /** null: the driver does not tell. */
  readonly usedMemoryMib: number | null;
  readonly user: string | null;
  readonly command: string | null;
  readonly startedAt: Date | null;
  readonly container: { readonly id: string | null; readonly name: string | null } | null;
  readonly pod: { readonly uid: string; readonly name: string | null; readonly namespace: string | null } | null;
  readonly slurmJobId: string | null;
  /** Percent of the time in which it kept SMs busy. */
  readonly smPercent: number | null;
}

/** Processes of one machine that are kept; 8 GPUs of 7 MIG instances with a few processes each stay far below. */
const MOST_PROCESSES = 2_000;
/** A list that is the same as the one before is written no more often than that; milliseconds. */
const SAME_EVERY_MS = 60_000;
const EVERY_MS = 5_000;
const MOST_INSTANCES = 50_000;

/** The GPU processes that agents reported last. */
@Injectable()
export class GpuProcesses {
  private readonly written = new Map<number, { readonly text: string; readonly atMs: number }>();

  constructor(private readonly db: Db) {}

  /**
   * Keeps what was read at `atMs`; an empty list means that no process uses a GPU. Writes only what changed, and at most
   * every five seconds an instance: the next reading brings what was skipped.
   *
   * @param instanceId resolved by the caller, so that an agent only writes to what is its own
   */
  async report(tenantId: string, instanceId: number, atMs: number, processes: readonly GpuProcess[]): Promise<void> {
    const kept = processes.slice(0, MOST_PROCESSES).map(rowOf);
    const text = JSON.stringify(kept);
    const last = this.written.get(instanceId);
    if (last && atMs - last.atMs < (last.text === text ? SAME_EVERY_MS : EVERY_MS)) return;
    if (this.written.size >= MOST_INSTANCES) this.written.clear();
    this.written.set(instanceId, { text, atMs });
    try {
      await this.db.write(systemActor(tenantId, 'processes'), async (tx) => {
        tx.withoutAudit('a reading');
        await tx.rows(
          `INSERT INTO flotilla.gpu_processes AS p (tenant_id, instance_id, at, processes) VALUES ($1, $2, $3, $4)
           ON CONFLICT (tenant_id, instance_id) DO UPDATE SET at = excluded.at, processes = excluded.processes
           WHERE p.at < excluded.at`,
          [tenantId, instanceId, new Date(atMs), text],
        );
      });
    } catch (error) {
      this.written.delete(instanceId);
      throw error;
    }
  }
}

/** As it is stored and shown. */
function rowOf(process: GpuProcess) {
  const text = (value: string | null | undefined, most: number) => value?.replaceAll('\0', '').slice(0, most) ?? null;
  const { container, pod } = process;
  return {
    device: process.device.slice(0, 128),
    pid: process.pid,
    name: text(process.name, 512),
    type: process.type.slice(0, 8),
    used_memory_mib: process.usedMemoryMib,
    user: text(process.user, 128),
    command: text(process.command, 64),
    started_at: process.startedAt?.toISOString() ?? null,
    container: container && { id: text(container.id, 128), name: text(container.name, 256) },
    pod: pod && { uid: text(pod.uid, 64), name: text(pod.name, 256), namespace: text(pod.namespace, 64) },
    slurm_job_id: text(process.slurmJobId, 32),
    sm_percent: process.smPercent,
  };
}
