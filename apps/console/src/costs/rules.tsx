import { AllocationRules } from './allocation-rules';
import { CurrencyRates } from './currency-rates';

/** What makes amounts comparable and gives shared cost to somebody. */
export default function Rules() {
  return (
    <>
      <CurrencyRates />
      <AllocationRules />
    </>
  );
}
