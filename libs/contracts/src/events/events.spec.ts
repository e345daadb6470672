import { z } from 'zod';
import { EVENT_KINDS, EVENT_TYPES, matchesEventType } from './index.js';

describe('the catalogue of events', () => {
  it.each(EVENT_TYPES)('%s says what happened, and every field of its data', (type) => {
    expect(type).toMatch(/^[a-z_]+\.[a-z_]+$/);
    const { sentence, data } = EVENT_KINDS[type];
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    const { properties } = z.toJSONSchema(data) as { properties: Record<string, { examples?: unknown[] }> };
    expect(Object.keys(properties).length).toBeGreaterThan(0);
  });

  it.each([
    [['*'], 'alert.triggered', true],
    [['alert.*'], 'alert.triggered', true],
    [['alert.triggered'], 'alert.triggered', true],
    [['alert.*'], 'alertness.x', false],
    [['alert'], 'alert.triggered', false],
    [['gpu.*', 'action.failed'], 'action.failed', true],
    [[], 'action.failed', false],
  ])('%j takes %s: %s', (patterns, type, takes) => expect(matchesEventType(patterns, type)).toBe(takes));
});
