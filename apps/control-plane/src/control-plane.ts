import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Db } from '@flotilla/persistence';
import { AppModule } from './app.module.js';
import { DemoService } from './demo/index.js';
import { FirstOwnerFile } from './first-owner-file.js';
import { nestLogger } from './nest-logger.js';
import { openDatabase } from './open-database.js';
import { configureHttp } from './platform/index.js';
import { FirstOwnerService } from './tenants/index.js';
import type { Config, Log } from './platform/index.js';

export interface FirstOwner {
  readonly email: string;
  /** Null when the operator gave it. */
  readonly password: string | null;
}

/** A control plane that serves. */
export interface RunningControlPlane {
  readonly app: NestExpressApplication;
  readonly db: Db;
  /** Where the console and the API are, as this machine reaches them. */
  readonly address: string;
  readonly databaseUrl: string;
  /** Made by this start, to be shown once; null when there was an owner before. */
  readonly firstOwner: FirstOwner | null;
  /** Stops in order, within 10 s. Safe to call twice. */
  stop(): Promise<void>;
}

/** Requests in progress get this long to end before their connections are cut. */
const REQUESTS_END_WITHIN_MS = 4_000;

/**
 * Starts everything: the database, the schema, the rooms, gRPC and HTTP.
 *
 * @throws whatever `explainStart` puts into a sentence
 */
export async function startControlPlane(config: Config, log: Log): Promise<RunningControlPlane> {
  for (const line of config.warnings) log.warn({}, line);
  const database = await openDatabase(config, log);
  let app: NestExpressApplication | undefined;
  let firstOwner: FirstOwner | null;
  try {
    app = await NestFactory.create<NestExpressApplication>(AppModule.with({ config, db: database.db, log }), {
      bodyParser: false,
      abortOnError: false,
      logger: nestLogger(log),
      ...(config.tls && { httpsOptions: { cert: config.tls.cert, key: config.tls.key } }),
    });
    configureHttp(app);
    await app.init();
    // after the ports are ours: a start that fails must not make a password that nobody gets to see
    await app.listen(config.httpPort, config.bind);
    const file = new FirstOwnerFile(config.dataDir);
    const owner = await app
      .get(FirstOwnerService)
      .ensureFirstOwner({ email: config.adminEmail, password: config.adminPassword }, (email, password) =>
        file.keep(email, password),
      );
    file.tidy(owner.hasLoggedIn);
    if (file.exists)
      log.info({ file: file.path }, 'the first password lies in this file until its owner has logged in');
    firstOwner = owner.created ? { email: owner.email, password: owner.generatedPassword } : null;
    if (config.demo) await app.get(DemoService).begin(owner.tenantId);
  } catch (error) {
    await app?.close().catch(() => undefined);
    await database.close();
    throw error;
  }
  const running = app;
  const server = running.getHttpServer() as Server;
  let stopped: Promise<void> | undefined;
  return {
    app: running,
    db: database.db,
    address: localAddress(config, server),
    databaseUrl: database.url,
    firstOwner,
    stop: () =>
      (stopped ??= (async () => {
        await stopServing(running, server);
        await database.close();
      })()),
  };
}

/** No new request is taken, those in progress end, agents are sent elsewhere, jobs finish. */
async function stopServing(app: NestExpressApplication, server: Server): Promise<void> {
  server.close(() => undefined);
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const force = setTimeout(() => server.closeAllConnections(), REQUESTS_END_WITHIN_MS);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(force);
  }
}

function localAddress(config: Config, server: Server): string {
  const { port } = server.address() as AddressInfo;
  const host = config.bind === '0.0.0.0' ? '127.0.0.1' : config.bind === '::' ? '[::1]' : config.bind;
  return `${config.tls ? 'https' : 'http'}://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}
