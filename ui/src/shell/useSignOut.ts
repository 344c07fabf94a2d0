import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { request } from '../lib/api/client';
import { problemText } from '../lib/problemText';
import { useToast } from '../components/toast';

/** Ends the session at the service first; only then the page forgets it. */
export function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  return useMutation({
    mutationFn: () => request<void>('DELETE', '/session'),
    onSuccess: async () => {
      await navigate('/sign-in?out=1', { replace: true });
      client.clear();
    },
    onError: (error) => toast({ severity: 'error', text: `You are still signed in. ${problemText(error)}` }),
  });
}
