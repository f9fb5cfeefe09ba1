/** The QR picture of the join address. The operator token makes it include the join token; undefined without it. */
export async function fetchJoinCode(
  fetchPath: (path: string, init: RequestInit) => Promise<Response>,
  token: string,
): Promise<Blob | undefined> {
  try {
    const response = await fetchPath('/qr.svg', { headers: { authorization: `Bearer ${token}` } });
    return response.ok ? await response.blob() : undefined;
  } catch (problem) {
    console.info('The QR code could not be fetched; the address beside it says the same.', problem);
    return undefined;
  }
}
