import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Db } from '@flotilla/persistence';
import { AgentGateway, GATEWAY_OPTIONS } from '../../../apps/control-plane/dist/agent-gateway/index.js';
import { AppModule } from '../../../apps/control-plane/dist/app.module.js';
import { ENTITIES } from '../../../apps/control-plane/dist/entities.js';
import { configureHttp, Log } from '../../../apps/control-plane/dist/platform/index.js';
import type { Config } from '../../../apps/control-plane/dist/platform/index.js';

export interface ReplicaOrder {
  readonly databaseUrl: string;
  readonly masterKey: string;
  /** Agents come over TLS, as in production. Default: without. */
  readonly tls?: boolean;
}

export interface ReplicaPlace {
  readonly http: string;
  readonly grpc: string;
}

class BenchRoot {}
class BenchGateway {}

/** One control plane as in production, except that its agents come without TLS unless the order says so. */
export async function startReplica(order: ReplicaOrder): Promise<ReplicaPlace> {
  const db = await Db.open({ connectionString: order.databaseUrl, entities: ENTITIES });
  const log = Log.to({ write: (line: string) => void process.stderr.write(line) }, 'warn');
  const root = {
    module: BenchRoot,
    imports: [
      {
        module: BenchGateway,
        global: true,
        providers: [{ provide: GATEWAY_OPTIONS, useValue: { plaintext: !order.tls } }],
        exports: [GATEWAY_OPTIONS],
      },
      AppModule.with({ config: configOf(order), db, log }),
    ],
  };
  const app = await NestFactory.create<NestExpressApplication>(root, {
    bodyParser: false,
    abortOnError: false,
    logger: ['error', 'fatal'],
  });
  configureHttp(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { http: `http://127.0.0.1:${port}`, grpc: `127.0.0.1:${app.get(AgentGateway, { strict: false }).port}` };
}

function configOf(order: ReplicaOrder): Config {
  return {
    dataDir: tmpdir(),
    httpPort: 0,
    grpcPort: 0,
    bind: '127.0.0.1',
    databaseUrl: order.databaseUrl,
    publicUrl: null,
    insecure: true,
    tls: null,
    masterKey: Buffer.from(order.masterKey, 'base64'),
    trustedProxies: ['loopback'],
    outboundAllow: [],
    smtp: null,
    replicaId: randomUUID(),
    logLevel: 'warn',
    adminEmail: null,
    adminPassword: null,
    accessTokenSeconds: 900,
    auditMonths: null,
    demo: false,
    warnings: [],
  };
}
