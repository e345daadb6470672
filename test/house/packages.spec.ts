import { existsSync } from 'node:fs';
import path from 'node:path';
import semver from 'semver';
import { ROOT, files, read } from './tree.js';

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly license?: string;
  readonly engines?: { readonly node?: string };
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockEntry> };
const packages = Object.entries(lock.packages);
const foreign = packages.filter(([at, entry]) => at.includes('node_modules/') && !entry.link);

/** Where Node finds `name` from the folder `at`, or undefined: what `npm ci` would miss. */
function locate(at: string, name: string): string | undefined {
  for (let folder = at; ;) {
    const candidate = `${folder ? `${folder}/` : ''}node_modules/${name}`;
    if (lock.packages[candidate]) return candidate;
    if (!folder) return undefined;
    const up = folder.lastIndexOf('/node_modules/');
    folder = up >= 0 ? folder.slice(0, up) : '';
  }
}

describe('package-lock.json', () => {
  it('lists every dependency, those of other platforms too, or npm ci refuses it', () => {
    const missing = packages.flatMap(([at, entry]) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies, ...entry.devDependencies })
        .filter((name) => !locate(at, name))
        .map((name) => `${at || 'the root'} needs ${name}: run node scripts/complete-lock.mjs`),
    );
    expect(missing).toEqual([]);
  });

  it('agrees with every package.json', () => {
    const manifests = files().filter((file) => /^(package|(apps|libs)\/[^/]+\/package)\.json$/.test(file));
    for (const file of manifests) {
      const manifest = JSON.parse(read(file)) as LockEntry;
      const entry = lock.packages[path.posix.dirname(file) === '.' ? '' : path.posix.dirname(file)];
      expect({ file, dependencies: entry?.dependencies, devDependencies: entry?.devDependencies }).toEqual({
        file,
        dependencies: manifest.dependencies,
        devDependencies: manifest.devDependencies,
      });
    }
  });

  it('names no host: every registry serves the same bytes, and the integrity says which', () => {
    const hosts = packages.filter(([, entry]) => /:\/\/|^git|^file:/.test(entry.resolved ?? '')).map(([at]) => at);
    expect(hosts).toEqual([]);
  });

  it('holds the integrity of all that this platform installs', () => {
    const bare = foreign.filter(([, entry]) => !entry.integrity && !(entry.optional && (entry.os ?? entry.cpu)));
    expect(bare.map(([at]) => at)).toEqual([]);
  });
});

/** Packages whose engines range leaves Node 20.19 out, and why they are here all the same. */
const NEWER_NODE: Readonly<Record<string, string>> = {
  'file-type': '@nestjs/common loads it lazily for its file validators, which are not used',
};

it('every package runs on Node 20.19', () => {
  const refusing = foreign
    .filter(([, entry]) => entry.engines?.node && !semver.satisfies('20.19.0', entry.engines.node))
    .map(([at, entry]) => ({ name: at.replace(/^.*node_modules\//, ''), node: entry.engines?.node }))
    .filter(({ name }) => !(name in NEWER_NODE));
  expect(refusing).toEqual([]);
});

const LICENCES = new Set([
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'Unlicense'],
  ...['CC0-1.0', 'PostgreSQL', 'Python-2.0'],
]);
/** Asks for nothing but that changes to its own files stay open: fine for a tool of the build or the tests that ships with nothing. */
const FOR_TOOLS = new Set(['MPL-2.0']);
/** Licences outside the list, read and accepted for what the package is here. */
const ACCEPTED: Readonly<Record<string, string>> = {
  'caniuse-lite': 'CC-BY-4.0 data of browsers, for development only',
  busboy: 'MIT, in its LICENSE file and the older "licenses" field',
  'dejavu-fonts-ttf': 'Bitstream Vera licence: use and redistribution are free, only renamed derivatives are not',
  'png-js': 'MIT, in its LICENSE file',
  streamsearch: 'MIT, in its LICENSE file and the older "licenses" field',
};

function licenceOf(at: string, entry: LockEntry): string {
  if (entry.license) return entry.license;
  const manifest = path.join(at, 'package.json');
  if (!existsSync(path.join(ROOT, manifest))) return 'not installed here';
  const { license } = JSON.parse(read(manifest)) as { license?: string | { type?: string } };
  return (typeof license === 'object' ? license.type : license) ?? 'none';
}

/** "(MIT OR GPL-3.0)" is fine when one is allowed, "MIT AND Apache-2.0" when both are. */
const isAllowed = (licence: string): boolean =>
  licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => LICENCES.has(one.trim())));

it('every installed package has a licence that allows what we do', () => {
  const refused = foreign
    .filter(([at, entry]) => !(entry.dev && FOR_TOOLS.has(licenceOf(at, entry))))
    .map(([at, entry]) => ({ name: at.replace(/^.*node_modules\//, ''), licence: licenceOf(at, entry) }))
    .filter(({ name, licence }) => licence !== 'not installed here' && !isAllowed(licence) && !(name in ACCEPTED));
  expect(refused).toEqual([]);
});
