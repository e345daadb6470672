import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';

/** What the login page may know before anybody logs in. */
@Injectable()
export class AuthQueries {
  constructor(private readonly db: Db) {}

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
