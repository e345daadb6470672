import { randomBytes, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Role, Scope } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import { AppModule } from '../../apps/control-plane/src/app.module.js';
import { ENTITIES } from '../../apps/control-plane/src/entities.js';
import { Passwords } from '../../apps/control-plane/src/auth/index.js';
import { configureHttp, Log, newApiKey } from '../../apps/control-plane/src/platform/index.js';
import type { Config } from '../../apps/control-plane/src/platform/index.js';
import { createTestDatabase } from './database.js';

export interface TestUser {
  readonly userId: number;
  readonly email: string;
  readonly password: string;
  readonly tenantId: string;
}

export interface TestApp {
  readonly app: NestExpressApplication;
  readonly url: string;
  readonly db: Db;
  readonly databaseUrl: string;
  readonly config: Config;
  /** The tenant that login and apiKey use when none is named. */
  readonly tenantId: string;
  newTenant(name?: string): Promise<string>;
  newUser(role: Role, options?: { tenantId?: string; platformOperator?: boolean; email?: string }): Promise<TestUser>;
  /** An access token of a fresh user of this role. */
  login(role: Role | 'platform_operator', tenantId?: string): Promise<string>;
  /** A key with these scopes, or with a role. */
  apiKey(scopesOrRole: readonly Scope[] | Role, tenantId?: string): Promise<string>;
  /** fetch on this application; `as` is an access token or a key. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly as?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; the text where it is none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}

interface Options {
  /** Another replica on the same database. */
  readonly beside?: TestApp;
  readonly config?: Partial<Config>;
  /** Where log lines go; nowhere without it. */
  readonly log?: (line: string) => void;
}

export const TEST_PASSWORD = 'a long enough test password';

/** The real application on a random port and a database of its own. */
export async function startTestApp(options: Options = {}): Promise<TestApp> {
  const database = options.beside
    ? await besides(options.beside.databaseUrl)
    : await createTestDatabase({ entities: ENTITIES });
  const config = { ...testConfig(options.beside?.config), ...options.config, replicaId: randomUUID() };
  const log = Log.to({ write: options.log ?? (() => undefined) }, options.log ? 'debug' : 'warn');
  const parts = { config, db: database.db, log };
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(parts), {
    bodyParser: false,
    abortOnError: false,
    logger: ['error', 'fatal'],
  });
  configureHttp(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const people = new People(database.db, app.get(Passwords, { strict: false }));
  const tenantId = options.beside?.tenantId ?? (await people.newTenant('Test'));
  const url = `http://127.0.0.1:${port}`;
  return {
    app,
    url,
    db: database.db,
    databaseUrl: database.url,
    config,
    tenantId,
    newTenant: (name) => people.newTenant(name ?? `Tenant ${randomBytes(3).toString('hex')}`),
    newUser: (role, more) => people.newUser(more?.tenantId ?? tenantId, role, more),
    login: async (role, tenant = tenantId) => {
      const platformOperator = role === 'platform_operator';
      const user = await people.newUser(tenant, platformOperator ? 'owner' : role, { platformOperator });
      const answer = await call(url, 'POST', '/api/auth/login', {
        body: { email: user.email, password: user.password, tenant_id: tenant },
        headers: { 'x-forwarded-for': randomAddress() }, // logins are throttled per address
      });
      if (answer.status !== 200) throw new Error(`login failed: ${JSON.stringify(answer.body)}`);
      return answer.body.data.accessToken as string;
    },
    apiKey: (what, tenant = tenantId) => people.apiKey(tenant, what),
    call: (method, path, more) => call(url, method, path, more),
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}

/** An address out of 2^24; the test application believes X-Forwarded-For. */
export function randomAddress(): string {
  return `10.${[...randomBytes(3)].join('.')}`;
}

class People {
  private hash: Promise<string> | undefined;

  constructor(
    private readonly db: Db,
    private readonly passwords: Passwords,
  ) {}

  async newTenant(name: string): Promise<string> {
    const row = await this.db.system((tx) =>
      tx.row<{ tenant_id: string }>('INSERT INTO flotilla.tenants (name) VALUES ($1) RETURNING tenant_id', [name]),
    );
    return row!.tenant_id;
  }

  async newUser(
    tenantId: string,
    role: Role,
    options: { platformOperator?: boolean; email?: string } = {},
  ): Promise<TestUser> {
    const email = options.email ?? `${role}-${randomBytes(5).toString('hex')}@example.com`;
    const row = await this.db.system(async (tx) =>
      tx.row<{ id: number }>(
        `INSERT INTO flotilla.users (tenant_id, email, name, role, platform_operator, status, password_hash)
         VALUES ($1, $2, $2, $3, $4, 'active', $5) RETURNING id`,
        [
          tenantId,
          email,
          role,
          options.platformOperator ?? false,
          await (this.hash ??= this.passwords.hash(TEST_PASSWORD)),
        ],
      ),
    );
    return { userId: row!.id, email, password: TEST_PASSWORD, tenantId };
  }

  async apiKey(tenantId: string, what: readonly Scope[] | Role): Promise<string> {
    const key = newApiKey();
    const [role, scopes] = typeof what === 'string' ? [what, []] : [null, what];
    await this.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.api_keys (tenant_id, id, name, role, scopes, secret_hash, last4) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [tenantId, key.id, `key ${key.id}`, role, scopes, key.hash, key.last4],
      ),
    );
    return key.text;
  }
}

async function besides(url: string) {
  const db = await Db.open({ connectionString: url, entities: ENTITIES, readConnections: 4, writeConnections: 4 });
  return { url, db, close: () => db.close() };
}

function testConfig(base?: Config): Config {
  return (
    base ?? {
      dataDir: tmpdir(),
      httpPort: 0,
      grpcPort: 0,
      bind: '127.0.0.1',
      databaseUrl: null,
      publicUrl: null,
      insecure: false,
      tls: null,
      masterKey: randomBytes(32),
      trustedProxies: ['loopback'],
      auditMonths: null,
      outboundAllow: [],
      smtp: null,
      replicaId: randomUUID(),
      logLevel: 'warn',
      adminEmail: null,
      adminPassword: null,
      accessTokenSeconds: 900,
      demo: false,
      warnings: [],
    }
  );
}

async function call(url: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { as, body, headers = {} } = options;
  const sent =
    typeof body === 'string' || body instanceof Uint8Array ? body : body === undefined ? null : JSON.stringify(body);
  const response = await fetch(`${url}${path}`, {
    method,
    body: sent as string | null,
    redirect: 'manual',
    headers: {
      ...(sent !== null && { 'content-type': 'application/json' }),
      ...(as && (as.startsWith('flt_') ? { 'x-api-key': as } : { authorization: `Bearer ${as}` })),
      ...headers,
    },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
