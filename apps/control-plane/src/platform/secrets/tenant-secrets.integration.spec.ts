import { randomBytes } from 'node:crypto';
import { systemActor } from '@flotilla/persistence';
import { createTestDatabase } from '../../../../../test/support/database.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { TenantSecrets } from './index.js';
import type { SealedPlace } from './index.js';

describe('the secrets of a tenant', () => {
  let database: TestDatabase;
  let tenants: string[];
  const masterKey = randomBytes(32);
  const secrets = new TenantSecrets({ masterKey });
  const place = (tenant: number, id: number, table = 'notification_channels'): SealedPlace => ({
    tenantId: tenants[tenant]!,
    table,
    id,
  });

  beforeAll(async () => {
    database = await createTestDatabase();
    tenants = await database.db.system(async (tx) => {
      const rows = await tx.rows<{ tenant_id: string }>(
        `INSERT INTO flotilla.tenants (name) VALUES ('A'), ('B') RETURNING tenant_id`,
      );
      return rows.map((row) => row.tenant_id);
    });
  });
  afterAll(() => database.close());

  const seal = (where: SealedPlace, text: string) =>
    database.db.write(systemActor(where.tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      return secrets.seal(tx, where, text);
    });
  const unseal = (where: SealedPlace, sealed: Buffer, by = secrets) =>
    database.db.read(where, (tx) => by.unseal(tx, where, sealed));

  it('open at their place, for their tenant and by the master key only', async () => {
    const sealed = await seal(place(0, 1), 'routing-key');
    await seal(place(1, 1), 'something else');
    expect(await unseal(place(0, 1), sealed)).toBe('routing-key');
    await expect(unseal(place(0, 2), sealed)).rejects.toThrow('belongs to another row');
    await expect(unseal(place(0, 1, 'webhooks'), sealed)).rejects.toThrow('belongs to another row');
    await expect(unseal(place(1, 1), sealed)).rejects.toThrow('another master key'); // the other tenant's data key
    const other = new TenantSecrets({ masterKey: randomBytes(32) });
    await expect(unseal(place(0, 1), sealed, other)).rejects.toThrow('FLOTILLA_MASTER_KEY_FILE');
    await expect(unseal(place(0, 1), Buffer.alloc(3))).rejects.toThrow('no data key 0');
    await expect(unseal(place(0, 1), Buffer.alloc(60, 255))).rejects.toThrow('no data key 4294967295');
  });

  it('make one data key, also when many begin at once', async () => {
    const row = await database.db.system((tx) =>
      tx.row<{ tenant_id: string }>(`INSERT INTO flotilla.tenants (name) VALUES ('C') RETURNING tenant_id`),
    );
    const of = (id: number): SealedPlace => ({ tenantId: row!.tenant_id, table: 'x', id });
    const sealed = await Promise.all([1, 2, 3, 4].map((id) => seal(of(id), `secret ${id}`)));
    for (const [index, one] of sealed.entries()) expect(await unseal(of(index + 1), one)).toBe(`secret ${index + 1}`);
    const keys = await database.db.system((tx) =>
      tx.rows('SELECT 1 FROM flotilla.tenant_keys WHERE tenant_id = $1', [row!.tenant_id]),
    );
    expect(keys).toHaveLength(1);
  });
});
