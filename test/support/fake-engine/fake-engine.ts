import { randomBytes } from 'node:crypto';
import type { Backend, BackendAnswer } from './engine-front.js';

interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Record<string, string>;
  state: 'running' | 'exited';
  startedAt: string;
}

/** The part of the Engine API (v1.43) that starts, stops, lists and inspects, on containers that are only remembered. */
export class FakeEngine {
  private readonly containers: FakeContainer[] = [];
  private starts = 0;

  add(name: string, labels: Record<string, string> = {}): void {
    const id = randomBytes(32).toString('hex');
    this.containers.push({ id, name, labels, state: 'running', startedAt: this.now() });
  }

  state(name: string): string {
    return this.called(name)?.state ?? 'gone';
  }

  set(name: string, state: 'running' | 'exited'): void {
    const container = this.called(name);
    if (!container) throw new Error(`there is no container ${name}`);
    if (state === 'running' && container.state !== 'running') container.startedAt = this.now();
    container.state = state;
  }

  remove(name: string): void {
    this.containers.splice(
      this.containers.findIndex((one) => one.name === name),
      1,
    );
  }

  readonly backend: Backend = async (method, url) => {
    const { pathname, searchParams } = new URL(url, 'http://engine');
    if (method === 'GET' && pathname === '/containers/json') return this.list(searchParams);
    const [, id = '', verb = ''] = /^\/containers\/([^/]+)\/(json|start|stop)$/.exec(pathname) ?? [];
    const container = this.called(id);
    if (!verb) return error(404, 'page not found');
    if (!container) return error(404, `No such container: ${id}`);
    if (verb === 'json') {
      const { state, startedAt, name } = container;
      return json({ Id: container.id, Name: `/${name}`, State: { Status: state, StartedAt: startedAt } });
    }
    if (verb === 'stop' && !/^\d+$/.test(searchParams.get('t') ?? '')) return error(400, 'invalid value for t');
    const wanted = verb === 'start' ? 'running' : 'exited';
    if (container.state === wanted) return { status: 304, body: '' };
    this.set(container.name, wanted);
    return { status: 204, body: '' };
  };

  private list(query: URLSearchParams): BackendAnswer {
    const filters = JSON.parse(query.get('filters') ?? '{}') as { label?: string[] };
    const all = query.get('all') === 'true';
    const found = this.containers.filter(
      ({ labels, state }) =>
        (all || state === 'running') &&
        (filters.label ?? []).every((label) => {
          const [key = '', value] = label.split(/=(.*)/s);
          return key in labels && (value === undefined || labels[key] === value);
        }),
    );
    return json(
      found.map(({ id, name, labels, state }) => ({ Id: id, Names: [`/${name}`], State: state, Labels: labels })),
    );
  }

  private called(word: string): FakeContainer | undefined {
    return this.containers.find(({ id, name }) => name === word || (word.length >= 12 && id.startsWith(word)));
  }

  private now(): string {
    return new Date(Date.UTC(2026, 0, 1) + (this.starts += 1)).toISOString();
  }
}

const json = (value: unknown): BackendAnswer => ({ status: 200, body: JSON.stringify(value) });
const error = (status: number, message: string): BackendAnswer => ({ status, body: JSON.stringify({ message }) });
