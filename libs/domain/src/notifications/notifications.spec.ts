import { digestOf, pace, retryAfterMs, retryWaitMs, templateIssue, verdictOfStatus, wordedBy } from './index.js';
import type { DigestPart, Telling } from './index.js';

const told = (more: Partial<Telling> = {}): Telling => ({
  kind: 'trigger',
  alertId: 17,
  alertType: 'gpu_idle',
  ruleName: 'Idle GPUs',
  severity: 'high',
  title: 'gpu-node-1 is idle',
  text: 'Idle for 45 minutes.',
  fields: [['GPU utilisation', '0 %']],
  url: 'https://flotilla.example.com/alerts/17',
  at: '2026-11-22T10:15:30.000Z',
  simulated: false,
  ...more,
});

describe('the words of a message', () => {
  it.each([
    ['trigger', 'gpu-node-1 is idle'],
    ['acknowledge', 'Acknowledged: gpu-node-1 is idle'],
    ['resolve', 'Resolved: gpu-node-1 is idle'],
    ['escalate', 'Not acknowledged yet: gpu-node-1 is idle'],
  ] as const)('say that it is a %s', (kind, title) => expect(wordedBy(null, told({ kind })).title).toBe(title));

  it('say it once', () =>
    expect(wordedBy(null, told({ kind: 'resolve', title: 'Resolved: x' })).title).toBe('Resolved: x'));

  it('are those of a template, which can hide neither the kind nor that data are simulated', () => {
    const template = { title: '{{severity}} {{ rule }}', text: 'See {{link}}\n{{fields}}' };
    expect(wordedBy(template, told({ kind: 'resolve', simulated: true }))).toMatchObject({
      title: '[SIMULATED] Resolved: high Idle GPUs',
      text: 'See https://flotilla.example.com/alerts/17\nGPU utilisation: 0 %\n\nThis is simulated data: no real machine is meant.',
    });
  });

  it('put values in without looking at them again', () => {
    expect(wordedBy({ title: '{{title}}' }, told({ title: '{{link}} {{nothing}}' })).title).toBe(
      '{{link}} {{nothing}}',
    );
  });

  it('turn no text round by a name that says so', () => {
    const worded = wordedBy(null, told({ title: 'a \u202eb c', text: '\u2067d: e\u2069', fields: [['\u202ef', 'g']] }));
    expect(worded).toMatchObject({ title: 'a b c', text: 'd: e', fields: [['f', 'g']] });
  });

  it('make a title one line, and keep controls and endless texts out', () => {
    const worded = wordedBy(
      null,
      told({ title: 'a\r\nBcc: b\u2028c', text: `x\u0000\u001b[31m\r\ny${'z'.repeat(9000)}` }),
    );
    expect(worded.title).toBe('a Bcc: b c');
    expect(worded.text.startsWith('x[31m\nyzzz')).toBe(true);
    expect(worded.text).toHaveLength(2_800);
    expect(wordedBy(null, told({ title: '😀'.repeat(300) })).title).toMatch(/^(😀)+…$/u);
  });

  it.each([
    ['{{title}} {{ severity }}', true],
    ['plain { } text', true],
    ['{{titel}}', false],
    ['{{constructor}}', false],
    ['{{title', false],
    ['{{title.length}}', false],
    ['{{ }}', false],
    ['}}', false],
  ])('are refused where they name what there is not: %s', (text, fine) =>
    expect(templateIssue(text) === null).toBe(fine),
  );
});

describe('a digest', () => {
  const part = (key: string, more: Partial<DigestPart> = {}): DigestPart => ({
    kind: 'trigger',
    severity: 'low',
    ruleName: 'Idle GPUs',
    alertType: 'gpu_idle',
    dedupKey: key,
    title: `${key} is idle`,
    simulated: false,
    ...more,
  });

  it('counts alerts by severity and rule, and says what became of them', () => {
    const digest = digestOf([
      part('a'),
      part('b', { simulated: true }),
      part('c'),
      part('d'),
      part('hot', { severity: 'critical', ruleName: null, alertType: 'gpu_temperature', title: 'gpu-9 is hot' }),
      part('a', { kind: 'resolve' }),
      part('b', { kind: 'acknowledge' }),
    ]);
    expect(digest).toEqual({
      title: '5 alerts: 1 critical, 4 low',
      text:
        'critical · gpu_temperature: 1\n  gpu-9 is hot\n' +
        'low · Idle GPUs: 4 (1 resolved, 1 acknowledged)\n  a is idle; [SIMULATED] b is idle; c is idle and 1 more',
      fields: [
        ['critical · gpu_temperature', '1'],
        ['low · Idle GPUs', '4 (1 resolved, 1 acknowledged)'],
      ],
      severity: 'critical',
      simulated: false,
    });
  });

  it('stays readable with many rules', () => {
    const digest = digestOf(Array.from({ length: 100 }, (_, n) => part(`k${n}`, { ruleName: `r${n}` })));
    expect(digest.fields).toHaveLength(20);
    expect(digest.text.endsWith('and 80 more in 80 further groups')).toBe(true);
  });
});

describe('sending', () => {
  it.each([
    [1, 0, 1_000],
    [1, 1, 2_000],
    [5, 1, 32_000], // 2 s × 2⁴
    [11, 1, 1_800_000], // 2 s × 2¹⁰ is 2,048 s: cut to half an hour
    [1_000, 1, 1_800_000],
  ])('waits after %i failures, at random %d, %i ms', (failures, random, ms) =>
    expect(retryWaitMs(failures, random)).toBe(ms),
  );

  it.each([
    [200, 'delivered'],
    [202, 'delivered'],
    [400, 'dead'],
    [404, 'dead'],
    [408, 'retry'],
    [410, 'dead'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ])('takes %i as %s', (status, verdict) => expect(verdictOfStatus(status)).toBe(verdict));

  const now = Date.parse('2026-11-22T10:00:00Z');
  it.each([
    [undefined, null],
    ['30', 30_000],
    ['0.5', 500],
    ['Sun, 22 Nov 2026 10:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['999999', 86_400_000],
    ['soon', null],
  ])('reads Retry-After %s as %s ms', (header, ms) => expect(retryAfterMs(header, now)).toBe(ms));

  it('lets a tenth of a minute out at once and the rest evenly', () => {
    // 60 a minute: one a second, six at once
    const first = pace(60, null, 0, 10);
    expect(first).toEqual({ allowed: 6, usedUntilMs: 6_000 });
    expect(pace(60, first.usedUntilMs, 0, 10).allowed).toBe(0);
    expect(pace(60, first.usedUntilMs, 2_000, 10)).toEqual({ allowed: 2, usedUntilMs: 8_000 });
    let used: number | null = null;
    let sent = 0;
    for (let at = 0; at < 60_000; at += 250) {
      const { allowed, usedUntilMs } = pace(60, used, at, 100);
      sent += allowed;
      used = usedUntilMs;
    }
    expect(sent).toBe(65); // six at once, then one at each of the 59 seconds that follow
  });
});
