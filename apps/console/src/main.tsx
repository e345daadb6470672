import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { queryClient } from './data/api';
import { applyTheme } from './data/preferences';
import './ui/tokens.css';

applyTheme();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    {/* style elements are forbidden by the policy of the page */}
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <App />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
