import Button from '@mui/material/Button';
import { useState } from 'react';
import { CheckIcon, ContentCopyIcon } from './shellIcons';
import { copyText } from '../lib/copy';

interface Props {
  text: string;
  label: string;
}

/** Copies a text that is too long to be shown beside the button; says in its own place that it did. */
export function CopyButton({ text, label }: Props) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    setCopied(await copyText(text));
  };
  return (
    <Button size="small" onClick={copy} onBlur={() => setCopied(false)} startIcon={copied ? <CheckIcon /> : <ContentCopyIcon />}>
      {copied ? 'Copied' : label}
    </Button>
  );
}
