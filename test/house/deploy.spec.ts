/** What is deployed without being compiled: the chart renders to manifests that are whole, rules and dashboards parse. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { EXPOSED } from '../../apps/agent/src/prometheus/names.js';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const CHART = join(DEPLOY, 'helm/flotilla-agent');
const read = (...path: string[]) => readFileSync(join(DEPLOY, ...path), 'utf8');
type Tree = Record<string, unknown>;

const look = (scope: Tree, path: string): unknown =>
  path
    .split('.')
    .filter(Boolean)
    .reduce<unknown>((at, key) => (at as Tree | undefined)?.[key], scope);

/** As much of helm's language as the chart uses; anything else is an error, and so is a value that is not there. */
function render(template: string, scope: Tree): string {
  const lines: string[] = [];
  const shown = [true];
  for (const line of template.split('\n')) {
    const control = /^\s*\{\{- (if not|if|end) ?(\.[\w.]+)? ?\}\}$/.exec(line);
    if (control?.[1] === 'end') shown.pop();
    else if (control) shown.push(Boolean(look(scope, control[2] ?? '')) === (control[1] === 'if'));
    else if (shown.every(Boolean))
      lines.push(line.replace(/\{\{-? ?(.*?) ?\}\}/g, (_, text: string) => value(text, scope)));
  }
  expect(shown).toEqual([true]);
  return lines.join('\n');
}

function value(text: string, scope: Tree): string {
  const block = /^toYaml (\.[\w.]+) \| nindent (\d+)$/.exec(text);
  if (block) {
    const indent = ' '.repeat(Number(block[2]));
    return `\n${stringify(look(scope, block[1] ?? ''))
      .trimEnd()
      .split('\n')
      .map((line) => indent + line)
      .join('\n')}`;
  }
  const [, format, quoted] = /^(.+?)( \| quote)?$/.exec(text) ?? [];
  const image = /^printf "%s:%s" \(required "[^"]+" (\.[\w.]+)\) (\.[\w.]+)$/.exec(format ?? '');
  const plain = /^(?:required "[^"]+" )?(\.[\w.]+)$/.exec(format ?? '');
  const paths = image ? [image[1], image[2]] : [plain?.[1]];
  const found = paths.map((path) => {
    const one = path === undefined ? undefined : look(scope, path);
    if (one === undefined || one === '') throw new Error(`{{ ${text} }} has no value, or is not understood`);
    return String(one as string | number | boolean);
  });
  return quoted ? JSON.stringify(found.join(':')) : found.join(':');
}

function manifests(changes: (values: Tree) => void = () => {}): Tree[] {
  const values = parse(read('helm/flotilla-agent/values.yaml')) as Tree;
  Object.assign(values, { server: 'gpu.example.com:50051' });
  Object.assign(values['image'] as Tree, { repository: 'registry.example.com/flotilla-agent' });
  changes(values);
  const scope = { Values: values, Release: { Name: 'agent', Namespace: 'gpu' }, Chart: { AppVersion: '0.1.0' } };
  return readdirSync(join(CHART, 'templates'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => parse(render(read('helm/flotilla-agent/templates', name), scope)) as Tree);
}

interface Container {
  image: string;
  args: string[];
  env: { name: string; value?: string }[];
  ports?: object[];
  securityContext: Tree;
  volumeMounts: { name: string; mountPath: string }[];
}
function pod(changes?: (values: Tree) => void) {
  const set = manifests(changes).find(({ kind }) => kind === 'DaemonSet');
  const spec = look(set ?? {}, 'spec.template.spec') as Tree & { containers: Container[]; volumes: { name: string }[] };
  return { set: set ?? {}, spec, container: spec.containers[0] as Container };
}

describe('the chart of the agent', () => {
  it('renders a DaemonSet that sees the host, its GPUs and its kernel log', () => {
    const { set, spec, container } = pod();
    expect(look(set, 'spec.selector.matchLabels')).toEqual(look(set, 'spec.template.metadata.labels'));
    expect(spec).toMatchObject({ hostPID: true, runtimeClassName: 'nvidia', serviceAccountName: 'agent' });
    expect(container.image).toBe('registry.example.com/flotilla-agent:0.1.0');
    expect(container.args).toEqual(['--interval=5']);
    expect(container.securityContext).toMatchObject({ privileged: true, readOnlyRootFilesystem: true });
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual(
      expect.arrayContaining(['/var/lib/flotilla-agent', '/dev/kmsg', '/etc/machine-id', '/var/log/pods']),
    );
    expect(container.volumeMounts.map(({ name }) => name).sort()).toEqual(spec.volumes.map(({ name }) => name).sort());
    // the token comes from a Secret and stands in no manifest
    expect(container.env.find(({ name }) => name === 'FLOTILLA_ENROLLMENT_TOKEN')).not.toHaveProperty('value');
    expect(manifests().map(({ kind }) => kind)).toEqual(['DaemonSet', 'ServiceAccount']);
  });

  it('follows its values', () => {
    const { spec, container } = pod((values) => {
      Object.assign(values, { privileged: false, runtimeClassName: '', metrics: { enabled: true, port: 9400 } });
      Object.assign(values, { imagePullSecrets: [{ name: 'pull' }] });
    });
    expect(spec).not.toHaveProperty('runtimeClassName');
    expect(spec['imagePullSecrets']).toEqual([{ name: 'pull' }]);
    expect(container.args).toContain('--prometheus=0.0.0.0:9400');
    expect(container.ports).toEqual([{ name: 'metrics', containerPort: 9400 }]);
    expect(container.env).toContainEqual({ name: 'FLOTILLA_AGENT_KERNEL_LOG', value: 'off' });
    expect(container.volumeMounts.map(({ name }) => name)).not.toContain('kmsg');
  });

  it('is not rendered without a server', () => {
    expect(() => manifests((values) => Object.assign(values, { server: '' }))).toThrow('has no value');
  });
});

it('alerts and the dashboard use metrics that the agent serves', () => {
  const served = new Set([...EXPOSED.map(({ name }) => name), 'DCGM_FI_DEV_XID_ERRORS']);
  const rules = parse(read('prometheus/flotilla-agent.rules.yaml')) as { groups: { rules: { expr: string }[] }[] };
  const dashboard = JSON.parse(read('grafana/flotilla-agent.json')) as { panels: { targets: { expr: string }[] }[] };
  const expressions = [
    ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];
  expect(expressions.length).toBeGreaterThan(10);
  const used = expressions.flatMap((text) => text.match(/DCGM_\w+/g) ?? []);
  expect(used.filter((name) => !served.has(name))).toEqual([]);
});
