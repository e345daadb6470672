import { totalmem } from 'node:os';

const MIB = 1024 * 1024;

/**
 * The server's settings: durable (an acknowledged sample survives a crash), sized by this machine's memory, and quiet.
 * An operator's own go into `postgres/local.conf` below the data folder, which is read after these.
 */
export function serverSettings(socketFolder: string, memoryBytes = availableMemory()): Record<string, string> {
  const sharedBuffersMib = clamp(memoryBytes / MIB / 32, 128, 1024);
  return {
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    // per replica at most 24 (see DbOptions); room for several replicas, migrations and a person with psql
    max_connections: '200',
    shared_buffers: `${sharedBuffersMib}MB`,
    effective_cache_size: `${clamp(memoryBytes / MIB / 2, 256, 65_536)}MB`,
    work_mem: '16MB',
    maintenance_work_mem: `${clamp(memoryBytes / MIB / 64, 64, 512)}MB`,
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // telemetry is a steady stream of writes: few, long checkpoints cost less than many
    max_wal_size: '2GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    wal_buffers: '16MB',
    random_page_cost: '1.1',
    // plans are short; compiling them costs more than it saves (and the bundled server has no LLVM)
    jit: 'off',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.05',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %q%a ',
    log_checkpoints: 'off',
    // a failed statement may hold a secret: its text is not written
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
    password_encryption: 'scram-sha-256',
  };
}

/** The settings as a configuration file. */
export function settingsFile(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return `# Written at every start. Own settings go into local.conf beside it.\n${lines.join('\n')}\n`;
}

/** The container's limit where there is one, otherwise the machine's memory. */
function availableMemory(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, value)));
}
