import { changeBody, configOf, createBody, draftOf, newDraft, problemOf } from './channel-form';
import type { Channel } from './kinds';

const slack: Channel = {
  id: 1,
  name: 'Engineering',
  channel_type: 'slack',
  enabled: true,
  config: { webhook_url: 'https://hooks.slack.com/********' },
  alert_types: [],
  min_priority: 'low',
  digest_mode: null,
  digest_interval_minutes: null,
  template: null,
  rate_per_minute: 60,
  signing_secret: null,
  created_by: 'ada',
  created_at: '',
  updated_at: '',
  health: {
    status: 'healthy',
    waiting: 0,
    failed: 0,
    failures_in_a_row: 0,
    failing_since: null,
    last_failure: null,
    last_failure_at: null,
    last_success_at: null,
    next_attempt_at: null,
  },
} as Channel;

describe('the form of a channel', () => {
  it('begins with what is usual for the kind', () => {
    expect(newDraft('pagerduty').config).toEqual({ api_url: 'https://events.pagerduty.com' });
    expect(newDraft('slack').config).toEqual({});
  });

  it('makes a list of lines, and leaves an empty secret of a webhook out, so that one is made', () => {
    const email = { ...newDraft('email'), config: { recipients: ' a@example.com\nb@example.com, \n' } };
    expect(configOf(email)).toEqual({ recipients: ['a@example.com', 'b@example.com'] });
    expect(configOf({ ...newDraft('webhook'), config: { url: ' https://example.com/x ', secret: '' } })).toEqual({
      url: 'https://example.com/x',
    });
  });

  it('sends only what changed, and a secret that was not written anew not at all', () => {
    const before = draftOf(slack);
    expect(changeBody({ ...before, min_priority: 'high' }, before)).toEqual({ min_priority: 'high' });
    const moved = { ...before, config: { webhook_url: 'https://hooks.slack.com/services/T/B/new' } };
    expect(changeBody(moved, before)).toEqual({ config: { webhook_url: 'https://hooks.slack.com/services/T/B/new' } });
    expect(changeBody(before, before)).toEqual({});
  });

  it('takes an empty template for none', () => {
    expect(createBody({ ...newDraft('slack'), template: { title: ' ', text: '' } }).template).toBeNull();
    expect(createBody({ ...newDraft('slack'), template: { title: ' {{title}} ', text: '' } }).template).toEqual({
      title: '{{title}}',
    });
  });

  it('says what is missing', () => {
    expect(problemOf(newDraft('slack'))).toBe('It needs a name.');
    expect(problemOf({ ...newDraft('slack'), name: 'x' })).toBe('Webhook address is missing.');
    expect(problemOf({ ...newDraft('webhook'), name: 'x', config: { url: 'https://example.com' } })).toBeUndefined();
  });
});
