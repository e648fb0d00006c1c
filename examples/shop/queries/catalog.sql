-- name: SearchProducts :many
SELECT id, name, price
FROM products
WHERE name ILIKE '%' || $1 || '%'
ORDER BY name
LIMIT 20;

-- name: ProductsNobodyReviewed :many
SELECT p.id, p.name
FROM products p
WHERE p.active
  AND p.id NOT IN (SELECT r.product_id FROM reviews r);

-- name: CustomersWhoNeverReviewed :many
SELECT c.id, c.email
FROM customers c
WHERE c.id NOT IN (SELECT r.customer_id FROM reviews r);

-- name: ProductsWithoutDescription :many
SELECT id, sku FROM products WHERE description = NULL;

-- name: RandomProduct :one
SELECT id, name FROM products ORDER BY random() LIMIT 1;
