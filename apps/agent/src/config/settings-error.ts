/** Settings that cannot be used: each line names where the fault is. The process ends with exit code 2. */
export class SettingsError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}
