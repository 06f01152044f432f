// Asks the server as the page does everywhere: JSON there and back, with the token against forged requests.
export class Unreachable extends Error {}

// {status, answer}; Unreachable where nothing of use came back.
export async function post(url, body, { signal } = {}) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  let reply;
  try {
    reply = await fetch(url, {
      method: "POST", signal, headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable("the server cannot be reached");
  }
  return read(reply);
}

export async function get(url, { signal } = {}) {
  let reply;
  try {
    reply = await fetch(url, { signal, headers: { Accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable("the server cannot be reached");
  }
  return read(reply);
}

async function read(reply) {
  if (reply.redirected) throw new Unreachable("you were signed out; sign in again in another tab");
  const answer = await reply.json().catch(() => null);
  if (!answer && reply.status === 403) throw new Unreachable("your role may not do that, or you were signed out");
  if (reply.status === 429) throw new Unreachable("too many requests for a moment");
  if (reply.status >= 500 || !answer) throw new Unreachable(`the server answered ${reply.status}`);
  return { status: reply.status, answer };
}
