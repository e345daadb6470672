import { Db } from '@flotilla/persistence';
import pg from 'pg';
import { startTestGateway } from './agent-gateway.js';
import type { TestGateway } from './agent-gateway.js';
import { createTestDatabase } from './database.js';
import type { TestDatabase } from './database.js';
import { createTenant } from './fleet.js';
import type { TestTenant } from './fleet.js';
import { aMinute, minuteAgo } from './telemetry.js';
import { enrollTestAgent, TestStream } from './test-agent.js';
import type { Credentials } from './test-agent.js';

/** Deadlines short enough to wait for. */
export const QUICK = { flushMs: 500, tickMs: 100, heartbeatS: 4 };

/** Two replicas on one database and, for each test, a tenant with an enrolled agent. */
export class StreamStage {
  database!: TestDatabase;
  second!: Db;
  one!: TestGateway;
  two!: TestGateway;
  tenant!: TestTenant;
  own!: Credentials;
  private readonly streams: TestStream[] = [];

  constructor() {
    beforeAll(async () => {
      this.database = await createTestDatabase();
      this.second = await Db.open({ connectionString: this.database.url });
      this.one = await startTestGateway(this.database.db, { options: QUICK });
      this.two = await startTestGateway(this.second, { options: QUICK });
    });
    afterAll(async () => {
      await this.one.stop();
      await this.two.stop();
      await this.second.close();
      await this.database.close();
    });
    beforeEach(async () => {
      this.tenant = await createTenant(this.database.db);
      const { token } = await this.one.tokens.mint(this.tenant.actor, { name: 't', multiUse: false, expiresInS: 600 });
      this.own = await enrollTestAgent(this.one.address, this.one.authority.certificatePem, token);
    });
    afterEach(() => {
      for (const stream of this.streams.splice(0)) stream.close();
    });
  }

  open = (to: TestGateway = this.one, as = this.own): TestStream => {
    const stream = new TestStream(to.address, as);
    this.streams.push(stream);
    return stream;
  };

  /** A stream that is welcome and whose machine is known. */
  opened = async (to: TestGateway = this.one, walEpoch?: number): Promise<TestStream> => {
    const stream = this.open(to);
    await stream.hello(walEpoch === undefined ? {} : { walEpoch });
    await stream.inventory(`host-${this.own.agentId}`);
    return stream;
  };

  sql = <T>(text: string, values: unknown[] = []) =>
    this.database.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));

  agentRow = async () =>
    (await this.sql<Record<string, never>>('SELECT * FROM flotilla.agents WHERE id = $1', [this.own.agentId]))[0]!;

  /** How many device-minutes of the tenant there are; read as the owner, for metric tables have no row security. */
  minutesStored = async (): Promise<number> => {
    const client = new pg.Client({ connectionString: this.database.url });
    await client.connect();
    const { rows } = await client.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM flotilla.gpu_minutes WHERE tenant_id = $1',
      [this.tenant.tenantId],
    );
    await client.end();
    return rows[0]!.n;
  };
}

/** Minutes with one value each, one after another, from so many minutes ago. */
export const someMinutes = (count: number, from = 60) =>
  Array.from({ length: count }, (_, i) => aMinute(minuteAgo(from - i), { gpu_utilization: i % 100 }));

/** Repeats a check until it holds. */
export async function eventually(check: () => Promise<void>, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
