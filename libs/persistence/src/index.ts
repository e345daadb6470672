export { systemActor } from './db/actor.js';
export type { Actor } from './db/actor.js';
export { Db, MissingAuditError } from './db/db.js';
export type { DbOptions, PoolFigures, TenantRef } from './db/db.js';
export { migrate, MIGRATIONS_FOLDER } from './db/migrate.js';
export type { NotificationHandler } from './db/notifications.js';
export type { AuditSubject, IngestTx, ReadTx, SystemTx, WriteTx } from './db/tx.js';
export { EmbeddedPostgres, EmbeddedPostgresError } from './embedded/index.js';
export type { EmbeddedPostgresOptions } from './embedded/index.js';
