-- wrk: POST the files 1.json, 2.json, ... of a folder in turn, with the next line of a file of tokens where one is named.
-- Prints one line that bench/load.py reads. Arguments: FOLDER [TOKENS]
local bodies, tokens, turn = {}, {}, 0

function init(arguments)
  while true do
    local file = io.open(arguments[1] .. "/" .. (#bodies + 1) .. ".json", "rb")
    if not file then break end
    bodies[#bodies + 1] = file:read("*a")
    file:close()
  end
  if arguments[2] then
    for line in io.lines(arguments[2]) do tokens[#tokens + 1] = "Bearer " .. line end
  end
  wrk.headers["Content-Type"] = "application/json"
  if #tokens == 0 then
    for at, body in ipairs(bodies) do bodies[at] = wrk.format("POST", nil, nil, body) end
  end
end

function request()
  turn = turn + 1
  local body = bodies[(turn - 1) % #bodies + 1]
  if #tokens == 0 then return body end
  wrk.headers["Authorization"] = tokens[(turn - 1) % #tokens + 1]
  return wrk.format("POST", nil, nil, body)
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT requests=%d seconds=%.3f p50=%.3f p99=%.3f failed=%d\n", summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
