import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import express from 'express';
import type { Router } from 'express';

/** The root of the repository, seen from this file's folder in the sources and in what was compiled alike. */
const ROOT = join(import.meta.dirname, '../../../../..');
const NAME = /^(install\.sh|flotilla-agent[\w.+-]*|koffi-linux-\w+\.node)$/;

/**
 * What a GPU host needs to become one, at /agent: the script, the agent, and their sums. From the folder that
 * `npm run package:agent` fills; without it the one file that every start builds, for hosts that have Node.
 */
export function agentDownloads(root = ROOT): Router {
  const router = express.Router();
  const sums = new Sums();
  router.get('/SHA256SUMS', (_request, response) => {
    const files = downloads(root);
    const lines = [...files].map(([name, path]) => `${sums.of(path)}  ${name}\n`);
    response.type('text/plain').setHeader('Cache-Control', 'no-store').send(lines.join(''));
  });
  router.get('/:name', (request, response, next) => {
    const path = downloads(root).get(request.params.name);
    if (path === undefined) return next();
    // a shell reads it, and a browser must not run it
    response.type(path.endsWith('.sh') ? 'text/plain' : 'application/octet-stream');
    response.sendFile(path, {
      cacheControl: false,
      dotfiles: 'allow',
      headers: { 'X-Content-Type-Options': 'nosniff' },
    });
  });
  return router;
}

/** Whether a host can install an agent from here. */
export function handsOutAgent(root = ROOT): boolean {
  return [...downloads(root).keys()].some((name) => name.startsWith('flotilla-agent'));
}

/** Names and paths of what is there now; looked at anew each time, because packages are made while the server runs. */
function downloads(root: string): Map<string, string> {
  const packaged = join(root, 'dist/agent');
  const found = new Map<string, string>();
  const add = (name: string, path: string) => {
    if (NAME.test(name) && existsSync(path)) found.set(name, path);
  };
  add('install.sh', join(root, 'deploy/install.sh'));
  add('flotilla-agent.mjs', join(root, 'apps/agent/dist/flotilla-agent.mjs'));
  for (const [arch, name] of [
    ['x64', 'amd64'],
    ['arm64', 'arm64'],
  ]) {
    const module = `node_modules/@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`;
    add(`koffi-linux-${name}.node`, join(root, module));
  }
  if (existsSync(packaged)) for (const name of readdirSync(packaged).sort()) add(name, join(packaged, name));
  return found;
}

/** SHA-256 of files, computed again when a file changed: an executable has 100 MB. */
class Sums {
  private readonly known = new Map<string, { stamp: string; sum: string }>();

  of(path: string): string {
    const { mtimeMs, size, ino } = statSync(path);
    const stamp = `${ino} ${size} ${mtimeMs}`;
    const known = this.known.get(path);
    if (known?.stamp === stamp) return known.sum;
    const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
    this.known.set(path, { stamp, sum });
    return sum;
  }
}
