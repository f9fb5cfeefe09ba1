/** Isolates the pages and keeps them to this coordinator: nothing is loaded from, or sent to, a third party. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    // Older Safari does not take 'self' for web sockets.
    "connect-src 'self' ws: wss: data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

/** For what is named by its hash. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
/** The same where a token is asked for: no cache on the way may keep it. */
export const PRIVATE_IMMUTABLE = 'private, max-age=31536000, immutable';
