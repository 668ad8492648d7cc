"""The loops behind isochrones: streets cut into cells, times put on a grid, and borders traced on it.

Imported where the first isochrone is drawn, for it compiles. A grid has nodes in rows that run northwards; a *cell* is the square between
four nodes, called by its south-west one. Everything here is counted in cells, ticks and positions of nodes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.compiled import compiled
from livingcircle.model.columns import BoolArray, FloatArray, IntArray

UNSET = np.uint64(2**63)
"""Key of a node nothing has reached."""
NOBODY = np.int32(-1)


@compiled
def cut_into_cells(
    corners: FloatArray, first_corner: NDArray[np.int64], columns: int, room: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray, FloatArray]:
    """Cut lines (corners in cells) wherever they cross into another cell.

    Return where the parts of each line begin, and of each part its cell and the fractions of the line it runs from and to. `room` is an
    upper bound of the parts.
    """
    lines = len(first_corner) - 1
    first_part = np.zeros(lines + 1, np.int64)
    cell, begin, finish = np.empty(room, np.int64), np.empty(room), np.empty(room)
    parts = 0
    for line in range(lines):
        whole = 0.0
        for corner in range(first_corner[line], first_corner[line + 1] - 1):
            whole += math.hypot(
                corners[corner + 1, 0] - corners[corner, 0], corners[corner + 1, 1] - corners[corner, 1]
            )
        if whole > 0:
            along, since = 0.0, 0.0
            column, row = math.floor(corners[first_corner[line], 0]), math.floor(corners[first_corner[line], 1])
            for corner in range(first_corner[line], first_corner[line + 1] - 1):
                x, y = corners[corner]
                run, rise = corners[corner + 1, 0] - x, corners[corner + 1, 1] - y
                length = math.hypot(run, rise)
                last_column, last_row = math.floor(corners[corner + 1, 0]), math.floor(corners[corner + 1, 1])
                east, north = 1 if run > 0 else -1, 1 if rise > 0 else -1
                while column != last_column or row != last_row:
                    to_side, to_top = 2.0, 2.0
                    if column != last_column:
                        to_side = (column + (1 if east > 0 else 0) - x) / run
                    if row != last_row:
                        to_top = (row + (1 if north > 0 else 0) - y) / rise
                    here = min(max((along + min(to_side, to_top) * length) / whole, since), 1.0)
                    cell[parts], begin[parts], finish[parts] = row * columns + column, since, here
                    parts += 1
                    since = here
                    if to_side <= to_top:
                        column += east
                    else:
                        row += north
                along += length
            cell[parts], begin[parts], finish[parts] = row * columns + column, since, 1.0
            parts += 1
        first_part[line + 1] = parts
    return first_part, cell[:parts].copy(), begin[:parts].copy(), finish[:parts].copy()


@compiled
def settle_land(
    cell: NDArray[np.int64], level: BoolArray, columns: int, disc: NDArray[np.int64], grid: int
) -> tuple[IntArray, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], IntArray]:
    """Number the nodes around the parts of streets, and give every other node near them to the nearest.

    `level` says which parts touch the ground beside them, `disc` are the steps (columns and rows) to the nodes around one, the nearest
    first, and `grid` is how many nodes there are. Return the numbers around every part, where on the grid each number is, where its land
    begins, where on the grid that is, and by which step of the disc it is reached.
    """
    owner, nearest = np.full(grid, -1, np.int32), np.empty(grid, np.uint16)  # land of `i` is -2 - i, by that step
    around = np.empty((len(cell), 4), np.int32)
    where, at_ground = np.empty(min(4 * len(cell), grid), np.int64), np.zeros(min(4 * len(cell), grid), np.bool_)
    count = 0
    for part in range(len(cell)):
        for side in range(4):
            node = cell[part] + (side & 1) + (side >> 1) * columns
            if owner[node] < 0:
                owner[node], where[count] = count, node
                count += 1
            around[part, side] = owner[node]
            at_ground[owner[node]] |= level[part]
    first_land = np.zeros(count + 1, np.int64)
    # What lies on the side of a neighbour with street is nearer to that one: which steps are left, for every set of such sides.
    beside = np.empty(4, np.int64)
    beside[0], beside[1], beside[2], beside[3] = 1, -1, columns, -columns
    steps, left = np.empty((16, len(disc)), np.int64), np.zeros(16, np.int64)
    for sides in range(16):
        for step in range(len(disc)):
            east, north = disc[step]
            if not sides & ((east > 0) | (east < 0) << 1 | (north > 0) << 2 | (north < 0) << 3):
                steps[sides, left[sides]] = step
                left[sides] += 1
    for number in range(count):
        if at_ground[number]:
            sides = 0
            for side in range(4):
                neighbour = owner[where[number] + beside[side]]
                if neighbour >= 0 and at_ground[neighbour]:
                    sides |= 1 << side
            for step in steps[sides, : left[sides]]:
                node = where[number] + disc[step, 0] + disc[step, 1] * columns
                if owner[node] == -1 or (owner[node] < -1 and step < nearest[node]):
                    if owner[node] < -1:
                        first_land[-1 - owner[node]] -= 1
                    first_land[number + 1] += 1
                    owner[node], nearest[node] = -2 - number, step
    for number in range(count):
        first_land[number + 1] += first_land[number]
    land, by_step = np.empty(first_land[-1], np.int64), np.empty(first_land[-1], np.int32)
    filled = first_land[:-1].copy()
    for node in range(grid):
        if owner[node] < -1:
            number = -2 - owner[node]
            land[filled[number]], by_step[filled[number]] = node, nearest[node]
            filled[number] += 1
    return around, where[:count].copy(), first_land, land, by_step


@compiled
def walk_along(
    rows: NDArray[np.int64],
    edge: IntArray,
    begin: FloatArray,
    finish: FloatArray,
    ticks: FloatArray,
    ticks_per_street: FloatArray,
    label: IntArray,
    first_part: NDArray[np.int64],
    part_begin: FloatArray,
    part_finish: FloatArray,
    around: IntArray,
    keys: NDArray[np.uint64],
    touched: IntArray,
) -> int:
    """Walk stretches `rows[0]:rows[1]` and leave the earliest key, ticks and label, at the four nodes of every cell walked through.

    Return how many nodes are `touched`.
    """
    count = 0
    for stretch in range(rows[0], rows[1]):
        street = edge[stretch]
        low, high = first_part[street], first_part[street + 1]
        onward = finish[stretch] >= begin[stretch]
        step = 1 if onward else -1
        part = low if onward else high - 1
        if begin[stretch] != (0.0 if onward else 1.0):  # a joint: look for the part it lies in
            while low < high:
                middle = (low + high) >> 1
                if part_finish[middle] < begin[stretch]:
                    low = middle + 1
                else:
                    high = middle
            part = low
            low, high = first_part[street], first_part[street + 1]
        while low <= part < high:
            if onward:
                ahead = part_begin[part]
                if ahead >= finish[stretch] and ahead > begin[stretch]:
                    break
                walked = max(ahead - begin[stretch], 0.0)
            else:
                ahead = part_finish[part]
                if ahead <= finish[stretch] and ahead < begin[stretch]:
                    break
                walked = max(begin[stretch] - ahead, 0.0)
            reached = np.uint64(ticks[stretch] + walked * ticks_per_street[stretch])
            key = (reached << np.uint64(32)) | np.uint64(label[stretch])
            for corner in range(4):
                node = around[part, corner]
                if key < keys[node]:
                    if keys[node] == UNSET:
                        touched[count] = node
                        count += 1
                    keys[node] = key
            part += step
    return count


@compiled
def spread_over_land(
    keys: NDArray[np.uint64],
    touched: IntArray,
    node_row: IntArray,
    node_column: IntArray,
    first_land: NDArray[np.int64],
    land_row: IntArray,
    land_column: IntArray,
    land_metres: NDArray[np.float32],
    off_street_metres: float,
    ticks_per_metre: float,
    width: int,
    south: int,
    west: int,
    ticks: NDArray[np.int32],
    label: NDArray[np.int32],
    beyond: NDArray[np.float32],
) -> None:
    """Carry the keys of touched nodes to them and to the land they own, in a flat window from `south` and `west`; forget the keys."""
    for index in range(len(touched)):
        node = touched[index]
        reached = np.int32(keys[node] >> np.uint64(32))
        whose = np.int32(keys[node] & np.uint64(2**32 - 1))
        keys[node] = UNSET
        place = (node_row[node] - south) * width + node_column[node] - west
        ticks[place], label[place], beyond[place] = reached, whose, -off_street_metres
        for owned in range(first_land[node], first_land[node + 1]):
            place = (land_row[owned] - south) * width + land_column[owned] - west
            ticks[place] = reached + np.int32(land_metres[owned] * ticks_per_metre)
            label[place], beyond[place] = whose, land_metres[owned] - off_street_metres


@compiled
def classify(
    ticks: NDArray[np.int32],
    label: NDArray[np.int32],
    beyond: NDArray[np.float32],
    width: int,
    limit: int,
    metres_per_tick: float,
    steepest: float,
    whose: NDArray[np.int32],
    lead: NDArray[np.float32],
) -> int:
    """Tell for every node of a flat window whose it is within the limit (`NOBODY` else), and how many metres short of it or beyond.

    Both are at least a third of `steepest`, so that a border keeps a quarter of a cell from every node. Return the number of borders
    between neighbouring nodes.
    """
    borders = 0
    for node in range(len(ticks)):
        past = max((ticks[node] - limit) * metres_per_tick, beyond[node])
        if past <= 0:
            whose[node] = label[node]
            lead[node] = max(min(past, -steepest / 3), -steepest)
        else:
            whose[node] = NOBODY
            lead[node] = min(max(past, steepest / 3), steepest)
        if node >= width:
            borders += (whose[node] != whose[node - 1]) + (whose[node] != whose[node - width])
    return borders


@compiled
def trace(
    whose: NDArray[np.int32],
    lead: NDArray[np.float32],
    width: int,
    smallest_hole: float,
    west_ring: IntArray,
    east_ring: IntArray,
    x: FloatArray,
    y: FloatArray,
    junction_row: NDArray[np.int64],
    junction_x: FloatArray,
    junction_y: FloatArray,
    first_point: NDArray[np.int64],
    owner: IntArray,
    outline: IntArray,
) -> int:
    """Trace the borders between the nodes of a flat window, what a ring encloses on its left; return how many.

    Where nobody's land is on the other side, a border lies where the limit is reached between two nodes; between two owners, half way.
    Where three or four meet within a cell, all their borders go through its middle, so that nothing is left out or counted twice.
    Two opposite nodes of one owner hang together across the cell: against nobody always, against another owner if theirs comes first.

    Written are the points `x` and `y` of the rings, counted in cells of the window, the `first_point` of each ring and one more,
    its `owner`, and the `outline` it is a hole of: itself if it is none. A hole has no points if it is left out, being smaller than
    `smallest_hole` cells, without a junction and nobody else's; what lies in such a hole has no owner. `junction_row` is where the
    junctions of each row of the window begin. `west_ring` and `east_ring` are scratch: the rings on either side of each node.
    """
    out = np.empty(4, np.int64)
    out[0], out[1], out[2], out[3] = -1, -width, 1, width  # west, south, east, north of a node
    start = np.empty(len(owner), np.int64)  # of a hole, the westmost node with the hole to its east
    west_ring[:] = -1
    rings, size = 0, 0
    for first in range(1, len(whose)):
        mine = whose[first]
        if mine == NOBODY or whose[first - 1] == mine or west_ring[first] >= 0:
            continue
        begun, node, side = size, first, 0
        shared, westmost, westmost_column = False, first, width
        while True:
            row = node // width
            column = node - row * width
            beside = node + out[side]
            other, share = whose[beside], 0.5
            if other == NOBODY:
                share = lead[node] / (lead[node] - lead[beside])
            else:
                shared = True
            x[size], y[size] = column, row
            if side == 0:
                west_ring[node] = rings
                x[size] -= share
            elif side == 1:
                y[size] -= share
            elif side == 2:
                east_ring[node] = rings
                x[size] += share
                if column < westmost_column:
                    westmost, westmost_column = node, column
            else:
                y[size] += share
            size += 1
            heading = out[(side + 1) & 3]
            ahead, across = whose[node + heading], whose[beside + heading]
            if across != mine and other != ahead and (ahead != mine or across != other):
                x[size] = column + (0.5 if side > 0 and side < 3 else -0.5)
                y[size] = row + (0.5 if side > 1 else -0.5)
                size += 1
            if across == mine and (ahead == mine or other != ahead or other == NOBODY or mine < other):
                node, side = beside + heading, (side + 3) & 3
            elif ahead == mine:
                node += heading
            else:
                side = (side + 1) & 3
            if node == first and side == 0:
                break
        x[size], y[size] = x[begun], y[begun]
        size += 1
        area = _area(x, y, begun, size)
        owner[rings], first_point[rings] = mine, begun
        outline[rings], start[rings] = rings, first
        if area < 0:
            outline[rings], start[rings] = -1, westmost
            small = -area < smallest_hole and not shared
            if small and not _holds_any(x, y, begun, size, junction_row, junction_x, junction_y):
                size = begun
        rings += 1
    first_point[rings] = size
    for ring in range(rings):
        if outline[ring] < 0:
            # A hole lies in the ring met first when one goes west from it; that may be another hole, and so on.
            found = ring
            while outline[found] < 0:
                node = start[found]
                while whose[node - 1] == whose[node]:
                    node -= 1
                found = west_ring[node]
            outline[ring] = outline[found]
    for ring in range(rings):
        # What lies in a hole left out meets that hole first when one goes west, or something else that lies in it.
        found, node = ring, start[ring] - 1
        while outline[found] == found and whose[node] == NOBODY and node % width > 0:
            node -= 1
            if whose[node] == owner[ring]:
                found = east_ring[node]
                node = start[found] - 1
        if outline[found] != found and first_point[found] == first_point[found + 1]:
            owner[ring] = NOBODY
    return rings


@compiled
def thin(x: FloatArray, y: FloatArray, first_point: NDArray[np.int64], furthest: float) -> None:
    """Leave out points of rings (Douglas and Peucker 1973), which moves borders by `furthest` at most; write what stays to the front.

    `first_point` has the end of the last ring as well. A ring of fewer than three corners would be no ring, and is left as it is.
    """
    stays = np.empty(len(x), np.bool_)
    todo = np.empty((64, 2), np.int64)  # the smaller half is kept for later, so no more than log2 of the points wait
    size = 0
    for ring in range(len(first_point) - 1):
        begin, end = first_point[ring], first_point[ring + 1]
        first_point[ring] = size
        if begin == end:
            continue
        stays[begin:end] = False
        stays[begin] = stays[end - 1] = True
        corners = 2
        low, high, waiting = begin, end - 1, 0
        while True:
            run, rise = x[high] - x[low], y[high] - y[low]
            squared = run * run + rise * rise
            most, at = furthest * furthest, -1
            for point in range(low + 1, high):
                east, north = x[point] - x[low], y[point] - y[low]
                along = east * run + north * rise
                if along >= squared:
                    off = (east - run) ** 2 + (north - rise) ** 2
                elif along <= 0:
                    off = east * east + north * north
                else:
                    off = (east * rise - north * run) ** 2 / squared
                if off > most:
                    most, at = off, point
            if at >= 0:
                stays[at] = True
                corners += 1
                if at - low > high - at:
                    todo[waiting, 0], todo[waiting, 1] = low, at
                    low = at
                else:
                    todo[waiting, 0], todo[waiting, 1] = at, high
                    high = at
                waiting += 1
            elif waiting:
                waiting -= 1
                low, high = todo[waiting, 0], todo[waiting, 1]
            else:
                break
        for point in range(begin, end):
            if stays[point] or corners < 4:
                x[size], y[size] = x[point], y[point]
                size += 1
    first_point[-1] = size


@compiled
def _area(x: FloatArray, y: FloatArray, begin: int, end: int) -> float:
    """Return the area of a closed ring, negative if it runs clockwise."""
    twice = 0.0
    for point in range(begin, end - 1):
        twice += (x[point] - x[begin]) * (y[point + 1] - y[begin]) - (x[point + 1] - x[begin]) * (y[point] - y[begin])
    return twice / 2


@compiled
def _holds_any(
    x: FloatArray,
    y: FloatArray,
    begin: int,
    end: int,
    junction_row: NDArray[np.int64],
    junction_x: FloatArray,
    junction_y: FloatArray,
) -> bool:
    """Tell whether a junction lies within a closed ring."""
    west, east, south, north = x[begin], x[begin], y[begin], y[begin]
    for point in range(begin, end):
        west, east = min(west, x[point]), max(east, x[point])
        south, north = min(south, y[point]), max(north, y[point])
    for junction in range(junction_row[int(south)], junction_row[int(north) + 1]):
        if west < junction_x[junction] < east:
            inside = False
            for point in range(begin, end - 1):
                if (y[point] > junction_y[junction]) != (y[point + 1] > junction_y[junction]):
                    share = (junction_y[junction] - y[point]) / (y[point + 1] - y[point])
                    inside ^= junction_x[junction] < x[point] + share * (x[point + 1] - x[point])
            if inside:
                return True
    return False
