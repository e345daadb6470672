import { Check, Copy as CopyIcon } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button';
import { toast } from './toast';

/** @param label what is copied, for people who do not see what stands beside it */
export function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    } catch {
      // pages without TLS have no clipboard
      toast.failed(new Error('This browser does not let the page copy: select the text and press Ctrl C.'));
    }
  };
  return (
    <Button onClick={() => void copy()} aria-label={copied ? 'Copied' : `Copy ${label}`}>
      {copied ? <Check size={15} aria-hidden /> : <CopyIcon size={15} aria-hidden />} {copied ? 'Copied' : 'Copy'}
    </Button>
  );
}
