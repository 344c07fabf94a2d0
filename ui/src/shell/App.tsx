import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from 'react-router';
import { pageNonce } from './nonce';
import { createQueryClient } from './queryClient';
import { createConsoleRouter } from './router';
import { createConsoleTheme } from './theme';

const nonce = pageNonce();
const styles = createCache({ key: 'css', ...(nonce === undefined ? {} : { nonce }) });
const theme = createConsoleTheme(nonce);
const queryClient = createQueryClient();
const router = createConsoleRouter();

export function App() {
  return (
    <CacheProvider value={styles}>
      <ThemeProvider theme={theme} defaultMode="system">
        <CssBaseline />
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ThemeProvider>
    </CacheProvider>
  );
}
