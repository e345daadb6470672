const DRY_RUN = 'dry_run_';

/** What an offer's verb asks: `dry_run_stop` is a stop that is only thought through. */
export const verbOf = (word: string): { verb: string; dryRun: boolean } =>
  word.startsWith(DRY_RUN) ? { verb: word.slice(DRY_RUN.length), dryRun: true } : { verb: word, dryRun: false };
