// The page's questions. Same origin, nothing else.

async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`the page's server answered ${answer.status}`);
  return answer.json();
}

export const overview = (filter) => get(`/api/overview?${filter}`);
export const trace = (id) => get(`/api/trace/${encodeURIComponent(id)}`);
export const span = (trace_id, id) => get(`/api/span/${encodeURIComponent(trace_id)}/${encodeURIComponent(id)}`);
export const seen = () => get("/api/seen");
