import { files, isSpec, read, rooms } from './tree.js';

const SRC = 'apps/control-plane/src';
const all = files(SRC).filter((file) => file.endsWith('.ts'));
const code = all.filter((file) => !isSpec(file));

/** A controller may serve another address than its folder's name, for these reasons. */
const OTHER_ADDRESS: Readonly<Record<string, readonly string[]>> = {
  'policy-simulation': ['enforcement-policies'],
  // one's own tenant, beside the tenants of the platform's operator
  tenants: ['tenant'],
  // what a budget over all cost comes to stands among the questions about costs
  budgets: ['costs'],
  // what rules split stands among the questions about costs
  'cost-allocation-rules': ['costs'],
  // what an instance has measured
  metrics: ['instances'],
  // what the gate says of one
  'stop-gate': ['instances'],
  // the policy of all channels, and the address that one of the reference documents gives channels
  'notification-channels': ['notifications'],
};

/** Rooms of plain functions: nothing to wire. */
const WITHOUT_MODULE: readonly string[] = ['instance-refs'];

/** Controllers that still decide something. The list must shrink. */
const DECIDING: readonly string[] = ['apps/control-plane/src/stream/stream.controller.ts'];

/** Where a room has one of these only, it is called after the room; several are told apart by their names. */
const KINDS = ['controller', 'queries', 'service'] as const;

/** Text without comments, strings kept. Good enough to look for words of the language. */
const withoutComments = (text: string) => text.replace(/\/\*[^]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');

describe.each(rooms())('room %s', (room) => {
  const own = code.filter((file) => file.startsWith(`${SRC}/${room}/`));

  it('shows itself through index.ts and is wired by a module of its name', () => {
    expect(own).toContain(`${SRC}/${room}/index.ts`);
    if (WITHOUT_MODULE.includes(room)) return;
    expect(own).toContain(`${SRC}/${room}/${room}.module.ts`);
    expect(read(`${SRC}/app.module.ts`)).toContain(`./${room}/index.js`);
  });

  it('names its files after itself', () => {
    const top = own.map((file) => file.slice(`${SRC}/${room}/`.length)).filter((name) => !name.includes('/'));
    const strangers = KINDS.map((kind) => top.filter((name) => name.endsWith(`.${kind}.ts`)))
      .filter((names) => names.length === 1 && !names[0]!.startsWith(`${room}.`))
      .flat();
    expect(strangers).toEqual([]);
  });

  it('is served under its own name', () => {
    const addresses = own.flatMap((file) =>
      [...read(file).matchAll(/@Controller\((?:\{[^}]*path:\s*)?\[?\s*'([^']*)'/g)].map((match) => match[1] ?? ''),
    );
    const wrong = addresses
      .map((address) => address.replace(/^\//, '').split('/')[0] ?? '')
      .filter((first) => first !== room && !OTHER_ADDRESS[room]?.includes(first));
    expect(wrong).toEqual([]);
  });
});

describe('the files of a room', () => {
  it('controllers decide nothing', () => {
    const deciding = code
      .filter((file) => file.endsWith('.controller.ts'))
      .filter((file) => /(^|[^\w.])(if|switch|for|while)\s*\(/.test(withoutComments(read(file))));
    expect(deciding).toEqual(DECIDING);
  });

  it('queries meet no service and no store, services meet no queries', () => {
    // types and lists of columns may be shared; what must not meet are those who read and those who command
    const imports = (file: string) =>
      [...read(file).matchAll(/import \{([^}]*)\} from '(\.[^']*)'/g)]
        .filter((match) => /(Queries|Service|Store|Controller)\b/.test(match[1] ?? ''))
        .map((match) => match[2] ?? '');
    const wrong = code.flatMap((file) => {
      const forbidden = file.endsWith('.queries.ts')
        ? /\.(service|store)\.js$/
        : file.endsWith('.service.ts')
          ? /\.queries\.js$/
          : file.endsWith('.store.ts')
            ? /\.(service|queries|controller)\.js$/
            : undefined;
      return forbidden
        ? imports(file).flatMap((name) => (forbidden.test(name) ? [`${file} imports ${name}`] : []))
        : [];
    });
    expect(wrong).toEqual([]);
  });

  // the live lane is not a command's load and save: it flushes what it gathered, by itself
  const OWN_CLOCK = ['apps/control-plane/src/metrics/live.store.ts'];

  it('a store owns no connection', () => {
    const owning = code
      .filter((file) => file.endsWith('.store.ts') && !file.includes('/platform/') && !OWN_CLOCK.includes(file))
      .filter((file) => /\bDb\b/.test(withoutComments(read(file))));
    expect(owning).toEqual([]);
  });
});

/**
 * Work across tenants stands outside row-level security, so every file that does it is listed here with its reason.
 * A new entry is a question to the reviewer: can it not be done as one tenant?
 */
const ACROSS_TENANTS: Readonly<Record<string, string>> = {
  'apps/control-plane/src/actions/actions.dispatch.ts': 'claims for the agents of every tenant that this replica holds',
  'apps/control-plane/src/actions/gated-stops.ts': 'stops of the agents of every tenant that this replica holds',
  'apps/control-plane/src/savings/savings.job.ts':
    'lists the tenants that stopped something; each is advanced as itself',
  'apps/control-plane/src/actions/actions.watch.ts': 'deadlines and leases of every tenant',
  'apps/control-plane/src/agent-gateway/agent-gateway.service.ts': 'forgets old events of every tenant',
  'apps/control-plane/src/agent-gateway/enrollment/enroll.ts': 'a token is shown before its tenant is known',
  'apps/control-plane/src/agent-gateway/enrollment/leave.ts': 'a certificate is shown before its tenant is known',
  'apps/control-plane/src/agent-gateway/enrollment/renew.ts': 'a certificate is shown before its tenant is known',
  'apps/control-plane/src/agent-gateway/pki/load-authority.ts': "the installation's certificate authority",
  'apps/control-plane/src/agent-gateway/sessions/hub.ts': 'leases of the streams of every tenant, written together',
  'apps/control-plane/src/agents/agents.job.ts': 'notices silent agents of every tenant',
  'apps/control-plane/src/ai-spend/ai-spend.job.ts': 'drops old records of usage, and prices again, of every tenant',
  'apps/control-plane/src/alerts/alerts.job.ts':
    'which tenants have alerts that are due; forgets old ones of every tenant',
  'apps/control-plane/src/audit/audit.job.ts': 'chains the audit of every tenant',
  'apps/control-plane/src/audit/audit-retention.job.ts': 'removes rows of the audit of every tenant after their time',
  'apps/control-plane/src/auth/auth.queries.ts': 'the tenants of the log-in picker',
  'apps/control-plane/src/auth/sessions.service.ts': 'a refresh token is shown before its tenant is known',
  'apps/control-plane/src/cost-snapshots/cost-snapshots.job.ts':
    'lists the tenants whose costs are kept, and forgets what is too old',
  'apps/control-plane/src/built-in-alerts/built-in-alerts.job.ts':
    'what is wrong with the agents and GPUs of every tenant; each is told as itself',
  'apps/control-plane/src/costs/metering/metering.job.ts': 'lists the tenants whose instances are metered',
  'apps/control-plane/src/costs/reconciliation/reconciliation.job.ts':
    'lists the tenants whose charges are looked at again',
  'apps/control-plane/src/demo/demo-money.ts':
    'takes back what the demo wrote: only the system may delete spans and sums',
  'apps/control-plane/src/budgets/budgets.job.ts': 'which tenants have budgets or charges; each is checked as itself',
  'apps/control-plane/src/decisions/decision-rounds.ts':
    'which replica decides for which tenant; each is decided for as itself',
  'apps/control-plane/src/events/events.job.ts': 'puts events of every tenant in order, and forgets old ones',
  'apps/control-plane/src/enforcement-policies/enforcement-policies.job.ts': 'forgets old history of every tenant',
  'apps/control-plane/src/instances/gpu-health.service.ts':
    'looks up what waits for the agents of every tenant that this replica holds',
  'apps/control-plane/src/instances/instances.job.ts': 'looks prices of every tenant up again with a new table',
  'apps/control-plane/src/launcher-channel.ts': 'whoever starts the program acts for the tenant of the first owner',
  'apps/control-plane/src/maintenance-windows/maintenance-windows.job.ts':
    'tells when windows of every tenant open and close',
  'apps/control-plane/src/notification-channels/notifications.sender.ts':
    'empties the outboxes of every tenant, with limits shared over all replicas',
  'apps/control-plane/src/platform/auth/access-tokens.ts': 'a token is shown before its tenant is known',
  'apps/control-plane/src/platform/auth/key-usage.ts': 'the last use of keys, written together',
  'apps/control-plane/src/platform/auth/signing-keys.ts': "the installation's signing keys",
  'apps/control-plane/src/platform/idempotency/idempotency.store.ts': 'forgets old answers of every tenant',
  'apps/control-plane/src/platform/jobs/job-claims.ts': 'which replica runs a job; no tenant owns that',
  'apps/control-plane/src/platform/rate-limit/rate-limiter.ts':
    'counts addresses and tenants before a transaction is theirs',
  'apps/control-plane/src/sync/errors.retention.ts': 'forgets old errors of every tenant',
  'apps/control-plane/src/tenants/first-owner.service.ts': "the installation's first tenant and owner",
  'apps/control-plane/src/tenants/tenants.queries.ts': "the platform operator's list of tenants",
  'apps/control-plane/src/webhooks/webhooks.job.ts': 'sends what webhooks of every tenant are to be told',
  'apps/control-plane/src/tenants/tenants.service.ts': 'the platform operator makes and suspends tenants',
};

describe('work across tenants', () => {
  const callers = files()
    .filter((file) => /^(apps|libs)\/.*\.ts$/.test(file) && !isSpec(file) && file !== 'libs/persistence/src/db/db.ts')
    .filter((file) => /\b(db|database)\.system\s*(<[^(]*>)?\(/i.test(withoutComments(read(file))));

  it('is done by the listed files only', () => {
    expect(callers.filter((file) => !(file in ACROSS_TENANTS))).toEqual([]);
  });

  it('is still done by every listed file', () => {
    expect(Object.keys(ACROSS_TENANTS).filter((file) => !callers.includes(file))).toEqual([]);
  });
});
