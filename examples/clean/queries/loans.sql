-- name: OpenLoansOfReader :many
SELECT l.id, b.title, l.lent_at
FROM loans l
JOIN copies c ON c.id = l.copy_id
JOIN books b ON b.id = c.book_id
WHERE l.reader_id = $1 AND l.returned_at IS NULL
ORDER BY l.lent_at DESC;

-- name: ReturnCopy :exec
UPDATE loans
SET returned_at = now()
WHERE copy_id = $1 AND returned_at IS NULL;

-- name: Lend :one
INSERT INTO loans (copy_id, reader_id)
VALUES ($1, $2)
RETURNING id;
