import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildAgentBundle } from '../../apps/agent/build-bundle.mjs';
import { ROOT } from './root.mjs';

const ARCHES = { x64: 'amd64', arm64: 'arm64' };
/** The name by which Node finds the program in its own executable; fixed by Node. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** What packages call the architecture of this machine; they are made where they run. */
export const architecture = () => ARCHES[process.arch] ?? process.arch;

export const agentVersion = () => JSON.parse(readFileSync(join(ROOT, 'apps/agent/package.json'), 'utf8')).version;

/** The agent and the Node that runs this, as one executable that needs nothing else. @returns its path */
export async function makeExecutable(folder) {
  const work = mkdtempSync(join(tmpdir(), 'flotilla-sea-'));
  try {
    const main = await buildAgentBundle(join(work, 'main.cjs'), { singleExecutable: true });
    const config = join(work, 'sea.json');
    const blob = join(work, 'agent.blob');
    const options = { main, output: blob, disableExperimentalSEAWarning: true, useCodeCache: true };
    writeFileSync(config, JSON.stringify(options));
    call(process.execPath, ['--experimental-sea-config', config]);
    const made = join(work, 'flotilla-agent');
    copyFileSync(process.execPath, made);
    chmodSync(made, 0o755);
    const { inject } = await import('postject');
    await inject(made, 'NODE_SEA_BLOB', readFileSync(blob), { sentinelFuse: FUSE });
    const target = join(folder, `flotilla-agent-linux-${architecture()}`);
    copyFileSync(made, target);
    chmodSync(target, 0o755);
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What the reader nvml needs beside the agent; null where npm did not install it (another platform). */
export function koffiFile() {
  const path = join(ROOT, 'node_modules/@koromix', `koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`);
  return existsSync(path) ? path : null;
}

/** A Debian package of that executable. @returns its path */
export function makeDeb(folder, executable, version = agentVersion()) {
  const work = mkdtempSync(join(tmpdir(), 'flotilla-deb-'));
  chmodSync(work, 0o755);
  try {
    const put = (path, content, mode = 0o644) => {
      mkdirSync(join(work, path, '..'), { recursive: true, mode: 0o755 });
      writeFileSync(join(work, path), content);
      chmodSync(join(work, path), mode);
    };
    put('usr/bin/flotilla-agent', readFileSync(executable), 0o755);
    put('lib/systemd/system/flotilla-agent.service', readFileSync(join(ROOT, 'deploy/flotilla-agent.service')));
    const koffi = koffiFile();
    if (koffi) put('usr/lib/flotilla-agent/koffi.node', readFileSync(koffi));
    const doc = 'usr/share/doc/flotilla-agent';
    put(`${doc}/agent.md`, readFileSync(join(ROOT, 'docs/agent.md')));
    put(`${doc}/copyright`, COPYRIGHT);
    put(`${doc}/changelog.gz`, gzipSync(changelog(version), { level: 9 }));
    for (const script of ['postinst', 'prerm', 'postrm']) {
      put(`DEBIAN/${script}`, readFileSync(join(ROOT, 'deploy/deb', script)), 0o755);
    }
    put('DEBIAN/md5sums', md5sums(work));
    put('DEBIAN/control', control(version, work));
    const deb = join(folder, `flotilla-agent_${version}_${architecture()}.deb`);
    call('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z6', '--build', work, deb]);
    return deb;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The script and the sums beside what it fetches. */
export function makeIndex(folder) {
  cpSync(join(ROOT, 'deploy/install.sh'), join(folder, 'install.sh'));
  const files = readdirSync(folder).filter((name) => name !== 'SHA256SUMS');
  const sum = (name) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  writeFileSync(
    join(folder, 'SHA256SUMS'),
    files
      .sort()
      .map((name) => `${sum(name)}  ${name}\n`)
      .join(''),
  );
}

function control(version, work) {
  const kilobytes = Math.ceil(files(work).reduce((bytes, path) => bytes + statSync(join(work, path)).size, 0) / 1024);
  return `Package: flotilla-agent
Version: ${version}
Architecture: ${architecture()}
Maintainer: Flotilla <agent@flotilla.example>
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.28), libstdc++6, passwd
Section: admin
Priority: optional
Description: agent of the Flotilla control plane for GPU fleets
 Reads the GPUs and the host, keeps what is not delivered yet on disk, and
 carries out what its own configuration allows. It listens on no port.
`;
}

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith('DEBIAN/'));

const md5sums = (folder) =>
  files(folder)
    .map(
      (path) =>
        `${createHash('md5')
          .update(readFileSync(join(folder, path)))
          .digest('hex')}  ${path}\n`,
    )
    .join('');

const changelog = (version) =>
  `flotilla-agent (${version}) unstable; urgency=medium\n\n  * See the repository for what changed.\n\n -- Flotilla <agent@flotilla.example>  Thu, 01 Jan 2026 00:00:00 +0000\n`;

const COPYRIGHT = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: flotilla-agent
Comment: contains Node.js (MIT and others, see its LICENSE file) and the
 packages that its bundle is made of, under their own licences.
`;

function call(program, args) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', cwd: tmpdir() });
  if (error) throw new Error(`${basename(program)} cannot be run: ${error.message}`);
  if (status !== 0) throw new Error(`${basename(program)} ${args[0]}: ${stderr.trim()}`);
}
