import { statfs } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { builtInRule } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import { AlertDesk } from '../alerts/index.js';
import type { AlertSubject, RaisedAlert } from '../alerts/index.js';
import { CONFIG, Jobs, Log } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { BEGUN, KEYS, LOOK, OVER, XIDS } from './conditions.sql.js';
import { DISK_FULL, DISK_OVER, FULL_DISKS_BEGUN, FULL_DISKS_OVER } from './full-disks.sql.js';
import { UNPRICED_BEGUN, UNPRICED_OVER } from './unpriced.sql.js';

/** What cannot wait is told within five seconds. */
const LOOK_MS = 3_000;
const DISK_MS = 30_000;
const UNPRICED_MS = 60_000;

/** As statfs says it: blocks in all, those left to us, and the bytes of one. */
export interface DiskRoom {
  readonly blocks: number;
  readonly bavail: number;
  readonly bsize: number;
}

interface Wrong extends Record<string, unknown> {
  readonly tenant_id: string;
  readonly key: string;
  readonly subject_type: AlertSubject['type'];
  readonly subject_id: string;
  readonly label: string;
  readonly instance_id: number | null;
  readonly title: string;
  readonly message: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly simulated: boolean;
}

/**
 * Watches over what nobody has to write a rule for. It compares what is wrong now with the alerts that are open, so that it
 * misses nothing while it was away and says nothing twice, on whatever replica it runs.
 */
@Injectable()
export class BuiltInAlertsJob implements OnModuleInit {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly desk: AlertDesk,
    private readonly jobs: Jobs,
    log: Log,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.log = log.child('alerts');
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'alerts.built-in', everyMs: LOOK_MS, exclusive: true, run: () => this.look() });
    this.jobs.every({ name: 'alerts.unpriced', everyMs: UNPRICED_MS, exclusive: true, run: () => this.lookAtPrices() });
    this.jobs.every({ name: 'alerts.own-disk', everyMs: DISK_MS, exclusive: false, run: () => this.lookAtDisk() });
    this.jobs.every({ name: 'alerts.full-disks', everyMs: DISK_MS, exclusive: true, run: () => this.lookAtHosts() });
  }

  async look(): Promise<void> {
    const { begun, over } = await this.db.system(async (tx) => {
      await tx.rows(LOOK);
      const wrong = await tx.rows<Wrong>(BEGUN);
      return { begun: [...wrong, ...(await tx.rows<Wrong>(XIDS))], over: await tx.rows<Wrong>(OVER, [KEYS]) };
    });
    await this.tellAll(begun, over);
  }

  /** What costs money and has no price. Of no hurry: bills come by the day. */
  async lookAtPrices(): Promise<void> {
    const { begun, over } = await this.db.system(async (tx) => ({
      begun: await tx.rows<Wrong>(UNPRICED_BEGUN),
      over: await tx.rows<Wrong>(UNPRICED_OVER),
    }));
    await this.tellAll(begun, over);
  }

  /** The disks of hosts, as their agents report them. */
  async lookAtHosts(): Promise<void> {
    const { begun, over } = await this.db.system(async (tx) => ({
      begun: await tx.rows<Wrong>(FULL_DISKS_BEGUN),
      over: await tx.rows<Wrong>(FULL_DISKS_OVER),
    }));
    await this.tellAll(begun, over);
  }

  /** The disk of the house itself: whoever runs it is told, while there is room left to tell. */
  async lookAtDisk(read: () => Promise<DiskRoom> = () => statfs(this.config.dataDir)): Promise<void> {
    const { blocks, bavail, bsize } = await read();
    if (blocks === 0) return;
    const used = (1 - bavail / blocks) * 100;
    const subject: AlertSubject = {
      type: 'control_plane',
      id: 'data-dir',
      label: 'the control plane',
      instanceId: null,
    };
    const tenants = await this.db.system((tx) => tx.rows<{ tenant_id: string; open: boolean }>(OPERATORS));
    for (const { tenant_id: tenantId, open } of tenants) {
      if (used > DISK_FULL && !open) {
        const freeMib = Math.round((bavail * bsize) / 2 ** 20);
        const message = `The disk of the control plane's data folder is ${used.toFixed(1)} % full (${freeMib} MiB left). When it is full, nothing that agents send can be stored: they keep it and send it later. Make room or enlarge the disk.`;
        await this.raise(tenantId, [
          this.alertOf(tenantId, 'storage_full', {
            subject,
            title: "The control plane's disk is nearly full",
            message,
            simulated: false,
            evidence: { used_percent: Math.round(used * 10) / 10, free_mib: freeMib },
          }),
        ]);
      } else if (used < DISK_OVER && open) {
        await this.end(tenantId, [{ key: 'storage_full', subject_type: subject.type, subject_id: subject.id }]);
      }
    }
  }

  private async tellAll(begun: readonly Wrong[], over: readonly Wrong[]): Promise<void> {
    for (const tenantId of new Set([...begun, ...over].map((row) => row.tenant_id))) {
      const mine = (row: Wrong) => row.tenant_id === tenantId;
      await this.tell(tenantId, begun.filter(mine), over.filter(mine));
    }
  }

  private async tell(tenantId: string, begun: readonly Wrong[], over: readonly Wrong[]): Promise<void> {
    try {
      const alerts = begun.map((row) => {
        const { subject_type: type, subject_id: id, label, instance_id: instanceId } = row;
        return this.alertOf(tenantId, row.key, { ...row, subject: { type, id, label, instanceId } });
      });
      if (alerts.length > 0) await this.raise(tenantId, alerts);
      if (over.length > 0) await this.end(tenantId, over);
    } catch (error) {
      this.log.error({ err: error, tenantId }, 'built-in alerts could not be told of; the next run tries again');
    }
  }

  private alertOf(
    tenantId: string,
    key: string,
    what: Pick<RaisedAlert, 'subject' | 'title' | 'message' | 'evidence' | 'simulated'>,
  ): RaisedAlert {
    const { subject, title, message, evidence, simulated } = what;
    return {
      tenantId,
      alertType: key,
      source: 'built_in',
      ruleId: null,
      builtIn: key,
      subject,
      title,
      message,
      evidence,
      severity: builtInRule(key)!.severity,
      at: new Date(),
      channelIds: null,
      cooldownMinutes: COOLDOWN_MINUTES,
      group: true,
      simulated,
    };
  }

  private raise(tenantId: string, alerts: readonly RaisedAlert[]) {
    return this.db.write(systemActor(tenantId, 'built-in rules'), (tx) => this.desk.raiseAll(tx, tenantId, alerts));
  }

  private end(tenantId: string, over: readonly Pick<Wrong, 'key' | 'subject_type' | 'subject_id'>[]) {
    const at = new Date();
    const keys = over.map(({ key, subject_type: type, subject_id: id }) => {
      return { alertType: key, ruleId: null, builtIn: key, subject: { type, id }, at };
    });
    return this.db.write(systemActor(tenantId, 'built-in rules'), (tx) => this.desk.resolve(tx, tenantId, keys));
  }
}

/** A host that comes and goes is told of once in this time. */
const COOLDOWN_MINUTES = 15;

/** The tenants of whoever runs this installation; there is one as a rule. */
const OPERATORS = `
  SELECT DISTINCT u.tenant_id, EXISTS (SELECT FROM flotilla.alerts a WHERE a.tenant_id = u.tenant_id AND a.ended_at IS NULL
           AND a.built_in = 'storage_full' AND a.subject_type = 'control_plane') AS open
    FROM flotilla.users u JOIN flotilla.tenants t ON t.tenant_id = u.tenant_id AND t.status = 'active'
   WHERE u.platform_operator ORDER BY u.tenant_id`;
