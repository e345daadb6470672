import { templateIssue } from '@flotilla/domain';
import type { Template } from '@flotilla/domain';
import { AppError } from '../platform/index.js';

/** @throws AppError VALIDATION_ERROR for names that there are not */
export function assertTemplate(template: Template | null | undefined): void {
  for (const part of ['title', 'text'] as const) {
    const text = template?.[part];
    const expected = text === undefined ? null : templateIssue(text);
    if (expected === null) continue;
    throw new AppError('VALIDATION_ERROR', `template.${part}: expected ${expected}.`, {
      field: `template.${part}`,
      value: text!.slice(0, 100),
      expected,
    });
  }
}
