import { Injectable } from '@nestjs/common';
import type { Me } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { z } from 'zod';
import type { RequestActor } from '../platform/index.js';

type MyTenant = z.input<typeof Me>['tenant'];

/** Who one is, and what the login page may know before anybody logs in. */
@Injectable()
export class AuthQueries {
  constructor(private readonly db: Db) {}

  async me(actor: RequestActor): Promise<z.input<typeof Me>> {
    const tenant = await this.db.read(actor, (tx) =>
      tx.row<MyTenant & Record<string, unknown>>(
        'SELECT t.name, t.currency, t.timezone, t.locale, t.simulated FROM flotilla.tenants t WHERE t.tenant_id = $1',
        [actor.tenantId],
      ),
    );
    return {
      type: actor.type as 'user' | 'api_key',
      id: actor.id ?? '',
      name: actor.label,
      tenant_id: actor.tenantId,
      role: actor.role,
      scopes: [...actor.scopes],
      platform_operator: actor.platformOperator,
      tenant: tenant!,
    };
  }

  /** Active tenants that did not opt out of being listed. */
  async listedTenants(): Promise<{ id: string; name: string }[]> {
    return this.db.system((tx) =>
      tx.rows<{ id: string; name: string }>(
        `SELECT t.tenant_id AS id, t.name FROM flotilla.tenants t
          WHERE t.status = 'active' AND t.listed ORDER BY t.name, t.tenant_id LIMIT 1000`,
      ),
    );
  }
}
