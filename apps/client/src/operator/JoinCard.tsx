import { useState } from 'preact/hooks';

interface JoinCardProps {
  readonly urls: readonly string[];
  /** Address of the QR picture, once it is there. */
  readonly code: string | undefined;
  /** Puts the text into the clipboard; false where the browser forbids it. */
  readonly onCopy: (text: string) => Promise<boolean>;
}

function Address({ url, onCopy }: { url: string; onCopy: JoinCardProps['onCopy'] }) {
  const [said, setSaid] = useState('');
  const copy = async () =>
    setSaid((await onCopy(url)) ? 'Copied.' : 'Select the address and copy it by hand.');
  const [origin, token] = [url.split('#')[0], url.includes('#') ? url.slice(url.indexOf('#')) : ''];
  return (
    <div class="address">
      <a href={url} target="_blank" rel="noreferrer">
        {origin}
        <wbr />
        {token}
      </a>
      <button class="small" onClick={() => void copy()} aria-label={`Copy ${url}`}>
        Copy
      </button>
      <span class="note" role="status">
        {said}
      </span>
    </div>
  );
}

/** Where volunteers come in: a code to point a camera at, and the addresses. */
export function JoinCard({ urls, code, onCopy }: JoinCardProps) {
  return (
    <section class="panel joinCard">
      <h2>Join address</h2>
      {code !== undefined && <img src={code} width="168" height="168" alt="QR code of the join address" />}
      <div class="addresses">
        {urls.map((url) => (
          <Address key={url} url={url} onCopy={onCopy} />
        ))}
        {urls.length === 0 && (
          <p class="empty">The coordinator has no address that others can reach. Check its network.</p>
        )}
      </div>
    </section>
  );
}
