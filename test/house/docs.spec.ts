import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT, files, read } from './tree.js';

const docs = files().filter((file) => file.endsWith('.md'));

/** What a heading becomes as an anchor, as GitHub does it. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
const anchors = (file: string) => [...read(file).matchAll(/^#{1,6} +(.*)$/gm)].map((match) => anchor(match[1] ?? ''));
const withoutCode = (text: string) => text.replace(/```[^]*?```/g, '').replace(/`[^`\n]*`/g, '');

it('there are documents', () => expect(docs.length).toBeGreaterThan(3));

it.each(docs)('the links of %s lead somewhere', (file) => {
  const links = [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)(?:\s"[^"]*")?\)/g)].map((match) => match[1] ?? '');
  const broken = links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [target = '', hash] = link.split('#');
      const resolved = target ? path.posix.join(path.posix.dirname(file), target) : file;
      if (!existsSync(path.join(ROOT, resolved))) return true;
      return hash !== undefined && resolved.endsWith('.md') && !anchors(resolved).includes(hash);
    });
  expect(broken).toEqual([]);
});

it('ADRs are numbered once each and say background, decision and consequences', () => {
  const adrs = docs.filter((file) => file.startsWith('docs/adr/'));
  const numbers = adrs.map((file) => /^docs\/adr\/(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1] ?? file);
  expect(numbers).toEqual([...new Set(numbers)]);
  for (const file of adrs) {
    for (const part of ['Background', 'Decision', 'Consequences'])
      expect({ file, part, found: new RegExp(`(\\*\\*|^#+ )${part}`, 'm').test(read(file)) }).toEqual({
        file,
        part,
        found: true,
      });
  }
});

it('the architecture fits on two pages', () => {
  expect(read('docs/architecture.md').split('\n').length).toBeLessThanOrEqual(140);
});
