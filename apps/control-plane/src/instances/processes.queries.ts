import { Injectable } from '@nestjs/common';
import type { GpuProcessList } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { resolveInstance } from '../instance-refs/index.js';
import type { IdType } from '../instance-refs/index.js';

type Processes = z.input<typeof GpuProcessList>;

@Injectable()
export class ProcessesQueries {
  constructor(private readonly db: Db) {}

  /** The GPU processes last reported. @throws AppError NOT_FOUND, CONFLICT */
  async get(actor: TenantRef, ref: string, idType?: IdType): Promise<Processes> {
    return this.db.read(actor, async (tx) => {
      const id = await resolveInstance(tx, actor, ref, idType);
      const row = await tx.row<Processes & Record<string, unknown>>(
        `SELECT p.at AS read_at,
                (SELECT coalesce(jsonb_agg($3::jsonb || e.process || jsonb_build_object('gpu_index', d.gpu_index) ORDER BY e.ordinal), '[]')
                   FROM jsonb_array_elements(p.processes) WITH ORDINALITY AS e(process, ordinal)
                   LEFT JOIN flotilla.devices d ON d.tenant_id = p.tenant_id AND d.instance_id = p.instance_id
                     AND d.uuid = e.process ->> 'device') AS processes
           FROM flotilla.gpu_processes p WHERE p.tenant_id = $1 AND p.instance_id = $2`,
        [actor.tenantId, id, JSON.stringify(UNTOLD)],
      );
      return row ?? { read_at: null, processes: [] };
    });
  }
}

/** What a process has not that an agent of an earlier version reported. */
const UNTOLD: Partial<Processes['processes'][number]> = {
  command: null,
  started_at: null,
  container: null,
  pod: null,
  slurm_job_id: null,
  sm_percent: null,
};
