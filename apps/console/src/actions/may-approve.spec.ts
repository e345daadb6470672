import type { ActionDetails } from './action-words';
import { whyNotMe } from './may-approve';

const ADA = { id: 1, email: 'ada@example.com', role: 'operator' };
const asked = (requester: Partial<ActionDetails['requester']>, second = true) =>
  ({
    requester: { type: 'user', id: '2', label: 'bob@example.com', ...requester },
    approval: { required: true, second_person: second },
  }) as ActionDetails;

describe('who may approve', () => {
  it.each<[string, ActionDetails, string | undefined, RegExp | null]>([
    ['somebody else asked', asked({}), undefined, null],
    ['she asked herself', asked({ id: '1' }), undefined, /yourself.*second person/],
    ['she asked herself, and one person is enough', asked({ id: '1' }, false), undefined, null],
    ['a key has the number of a person', asked({ type: 'api_key', id: '1' }), undefined, null],
    ['she wrote the policy', asked({ type: 'system', id: null }), 'ada@example.com', /wrote the policy/],
    ['somebody else wrote the policy', asked({ type: 'system', id: null }), 'bob@example.com', null],
  ])('%s', (_, action, author, words) => {
    const why = whyNotMe(action, ADA, author);
    if (words === null) expect(why).toBeNull();
    else expect(why).toMatch(words);
  });

  it('is nobody who only looks on', () =>
    expect(whyNotMe(asked({}, false), { ...ADA, role: 'viewer' }, undefined)).toMatch(/operator/));
});
