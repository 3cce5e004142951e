-- For wrk: asks for one of the small files at random. Requests are written once, beforehand.
local count = 10000
local requests = {}

function init()
  math.randomseed(42)
  for i = 1, count do
    requests[i] = wrk.format("GET", string.format("/many/%05d.bin", i - 1))
  end
end

function request()
  return requests[math.random(count)]
end
